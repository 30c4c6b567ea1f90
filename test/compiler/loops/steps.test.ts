import { expect, test } from "vitest";
import { defineModel, f32, type Tensor } from "chainrule";
import { compileFunction, printKernel } from "../../../compiler/index.ts";

/** Elements that a step of a map's loop takes on WebAssembly: values side by side, of four lanes each. */
function step(f: (x: Tensor) => Tensor, columns: number | undefined = undefined): number {
  const [fn] = defineModel("steps", (m) => { m.fn("f", { x: columns === undefined ? f32("B") : f32("B", columns), w: f32(columns ?? 1) }, ({ x, w }) => ({ y: f(x).mul(w) })); }).functions;
  const { kernels } = compileFunction(fn, "wasm").plan;
  expect(kernels.length).toBe(1);
  return Number(/4 lanes, step (\d+)/.exec(printKernel(kernels[0]))![1]);
}

test("what takes few instructions takes four values at a time, one elementary function eight, and two of them four", () => {
  expect(step((x) => x.mul(2).add(1).relu())).toBe(16);
  for (const f of [(x: Tensor) => x.exp(), (x: Tensor) => x.tanh(), (x: Tensor) => x.sigmoid(), (x: Tensor) => x.erf(), (x: Tensor) => x.gelu()]) expect(step(f)).toBe(32);
  expect(step((x) => x.erf().mul(x.sigmoid()))).toBe(16);
});

test("a function of what stays the same in a loop does not count, and rows of few elements do not get long steps", () => {
  expect(step((x) => x.mul(x.sum(-1, { keepdim: true }).exp()), 200)).toBe(16);
  expect(step((x) => x.exp(), 200)).toBe(32);
  expect(step((x) => x.exp(), 100)).toBe(16);
});
