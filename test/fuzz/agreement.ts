import { expect } from "vitest";
import { reachable, type AnyNode, type GraphFunction, type Value } from "../../ir/graph/index.ts";
import { interpret, type Environment, type NdArray, type Results } from "../../ir/interpret/index.ts";
import { isFloat } from "../../ir/types/index.ts";
import { Random } from "./generate/random.ts";

/**
 * Expects what a target computed to agree with the interpreter on a generated program: integers and bools to the
 * bit, floats within what rounding can explain.
 *
 * How much that is, is measured, not guessed: the interpreter runs again rounding to f32 after every op, and on
 * inputs moved by as much as one rounding; how far its results move is how sensitive this program is on these
 * inputs. A correct target may be off by some times that. It may also be off by what that does not show: sums of
 * some hundred numbers of order one, in another order or in parts (256 units of the last place of the result, or of
 * one). A program of f64 alone is held to f64's precision: the same, 2^29 times smaller.
 */
export function expectAgreement(fn: GraphFunction, env: Environment, got: Results): void {
  const want = interpret(fn, env);
  const moved = [0, 1, 2].map((seed) => interpret(fn, jolted(env, seed), { rounded: true }));
  const unit = usesF32(fn) ? 2 ** -24 : 2 ** -53;
  for (const part of ["outputs", "updates"] as const) {
    expect(Object.keys(got[part]).sort()).toEqual(Object.keys(want[part]).sort());
    for (const [name, array] of Object.entries(want[part])) {
      const movement = Math.max(...moved.map((m) => distance(array, m[part][name])));
      const tolerance = isFloat(array.dtype) ? unit * (16 * 2 ** 24 * movement + 256 * Math.max(1, largest(array))) : 0;
      expectClose(`${part}.${name}`, array, got[part][name], tolerance);
    }
  }
}

function expectClose(name: string, want: NdArray, got: NdArray, tolerance: number): void {
  expect(got.dtype, name).toBe(want.dtype);
  expect([...got.shape], name).toEqual([...want.shape]);
  for (const [i, x] of want.data.entries()) {
    const y = got.data[i];
    if (!(Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance))
      expect.fail(`${name}[${i}] is ${y}, the interpreter says ${x}; they may differ by ${tolerance}`);
  }
}

/** The inputs that hold any reals (named x), each moved by up to one rounding to f32; those on a grid as they are. */
function jolted(env: Environment, seed: number): Environment {
  const random = new Random(seed);
  const jolt = (arrays: Readonly<Record<string, NdArray>>): Record<string, NdArray> => Object.fromEntries(Object.entries(arrays).map(([name, a]) =>
    [name, seed > 0 && name.startsWith("x") ? { ...a, data: a.data.map((v) => v * (1 + (2 * random.unit() - 1) * 2 ** -23)) } : a]));
  return { inputs: jolt(env.inputs), variables: jolt(env.variables) };
}

const finite = (x: number): number => (Number.isFinite(x) ? x : 0);
const largest = (a: NdArray): number => a.data.reduce((m, x) => Math.max(m, Math.abs(finite(x))), 0);
const distance = (a: NdArray, b: NdArray): number => a.data.reduce((m, x, i) => Math.max(m, Math.abs(finite(x - b.data[i]))), 0);

function usesF32(fn: GraphFunction): boolean {
  const found = (values: Iterable<Value>): boolean => reachable(values).some((node: AnyNode) =>
    node.outputs.some((v) => v.type.dtype === "f32") || node.regions.some((r) => found(r.results)));
  return found([...fn.inputs, ...[...fn.outputs, ...fn.updates].map((o) => o.value)]);
}
