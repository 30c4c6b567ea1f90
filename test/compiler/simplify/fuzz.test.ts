import fc from "fast-check";
import { expect, test } from "vitest";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { simplify } from "../../../compiler/simplify/index.ts";
import { reachable, type AnyNode, type GraphFunction } from "../../../ir/graph/index.ts";
import { interpret, type Environment, type NdArray } from "../../../ir/interpret/index.ts";
import { printFunction } from "../../../ir/text/index.ts";
import { isFloat, sameType } from "../../../ir/types/index.ts";
import { verify } from "../../../ir/verify/index.ts";
import { bindings, programs, randomInputs } from "../../fuzz/programs.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const inputSeed = fc.nat(1000);

test("a random program computes the same before and after", () => {
  fc.assert(fc.property(programs(), bindings, inputSeed, (fn, binding, seed) => {
    const simple = checked(expandDerivatives(fn));
    compare(fn, simple, randomInputs(fn, binding, seed));
  }), { numRuns });
});

test("so does a random program with its gradients", () => {
  fc.assert(fc.property(programs({ differentiable: true, depth: 8 }), bindings, inputSeed, (fn, binding, seed) => {
    const expanded = expandDerivatives(fn);
    compare(expanded, checked(expanded), randomInputs(fn, binding, seed));
  }), { numRuns: numRuns / 2 });
});

/** The simplified function: well-formed, of the same types, no larger, and as simple as it gets. */
function checked(fn: GraphFunction): GraphFunction {
  const simple = simplify(fn);
  verify(simple);
  for (const [i, o] of fn.outputs.entries()) expect(sameType(o.value.type, simple.outputs[i].value.type)).toBe(true);
  const text = printFunction(simple);
  expect(printFunction(simplify(simple))).toBe(text);
  return simple;
}

function compare(before: GraphFunction, after: GraphFunction, env: Environment): void {
  const expected = interpret(before, env), got = interpret(after, env);
  for (const kind of ["outputs", "updates"] as const)
    for (const [name, want] of Object.entries(expected[kind])) close(name, want, got[kind][name]);
}

/** Interpreted in double precision: what is left is the rounding of constants that were f32, and the order of sums. */
function close(name: string, want: NdArray, got: NdArray): void {
  expect(got.shape).toEqual(want.shape);
  const scale = want.data.reduce((m, x) => Math.max(m, Number.isFinite(x) ? Math.abs(x) : 0), 1);
  for (const [i, x] of want.data.entries()) {
    const y = got.data[i];
    if (!isFloat(want.dtype) || !Number.isFinite(x)) expect(y, `${name}[${i}]`).toBe(x);
    else expect(Math.abs(x - y), `${name}[${i}] is ${y}, was ${x}`).toBeLessThanOrEqual(1e-6 * scale);
  }
}

test("every op of what comes out is an op", () => {
  const ops = new Set<string>();
  for (const fn of fc.sample(programs(), { numRuns: 50, seed: 4 })) {
    const simple = simplify(expandDerivatives(fn));
    for (const node of reachable(simple.outputs.map((o) => o.value)) as AnyNode[]) ops.add(node.op);
  }
  expect(ops.has("custom")).toBe(false);
});
