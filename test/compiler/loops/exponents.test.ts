import { expect, test } from "vitest";
import { defineModel, f32, grad, type Tensor } from "chainrule";
import { compileFunction } from "../../../compiler/pipeline.ts";
import { forEachExpr } from "../../../compiler/loops/pool.ts";
import { forEachStmt, rootsOf } from "../../../compiler/loops/statements.ts";
import type { Expr } from "../../../compiler/loops/ir.ts";

/** For each exponential in the loops of a function: whether its operand is known not to be above 0. */
function exponents(f: (x: Tensor, z: Tensor) => Tensor, width = 64): boolean[] {
  const [fn] = defineModel("exponents", (m) => { m.fn("f", { x: f32("B", width), z: f32("B", width) }, ({ x, z }) => ({ y: f(x, z) })); }).functions;
  const roots: Expr[] = [], found: boolean[] = [];
  for (const k of compileFunction(fn, "wasm").plan.kernels) forEachStmt(k.body, (s) => roots.push(...rootsOf(s)));
  forEachExpr(roots, (e) => { if (e.kind === "scalar" && e.op === "exp") found.push(e.isOfNotPositive === true); });
  return found;
}

test("a softmax's exponents are not above 0, of rows of any length and of what is computed on the way", () => {
  for (const width of [3, 8, 64, 100])
    for (const f of [(x: Tensor) => x.softmax(-1), (x: Tensor) => x.softmax(0), (x: Tensor, z: Tensor) => x.mul(z).add(1).softmax(-1), (x: Tensor) => x.logSoftmax(-1)]) {
      const known = exponents(f, width);
      expect(known.length).toBeGreaterThan(0);
      expect(known.every((k) => k)).toBe(true);
    }
});

test("nor is that of the derivative of erf", () => {
  const known = exponents((x) => grad(x.erf().sum(), [x])[0]);
  expect(known.length).toBeGreaterThan(0);
  expect(known.every((k) => k)).toBe(true);
});

test("of others nothing is known", () => {
  for (const f of [(x: Tensor) => x.exp(), (x: Tensor) => x.neg().exp(), (x: Tensor, z: Tensor) => x.sub(z).exp(), (x: Tensor, z: Tensor) => x.mul(z).neg().exp(),
    (x: Tensor, z: Tensor) => x.sub(z.amax(-1, { keepdim: true })).exp(), (x: Tensor) => x.mul(2).sub(x.amax(-1, { keepdim: true })).exp(), (x: Tensor) => x.sub(x.amin(-1, { keepdim: true })).exp()]) {
    const known = exponents(f);
    expect(known.length).toBeGreaterThan(0);
    expect(known.some((k) => k)).toBe(false);
  }
});
