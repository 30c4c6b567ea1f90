import { expect } from "vitest";
import { reachable, type AnyNode, type GraphFunction, type Value } from "../../ir/graph/index.ts";
import { interpret, type Environment, type NdArray, type Results } from "../../ir/interpret/index.ts";
import { finfo, isFloat, isHalf, type DType } from "../../ir/types/index.ts";
import { Random } from "./generate/random.ts";

/**
 * Expects what a target computed to agree with the interpreter on a generated program: integers, bools and floats that
 * are never rounded to the bit, other floats within what rounding can explain.
 *
 * How much that is, is measured, not guessed: the interpreter runs again rounding to f32 after every op, and on
 * inputs moved by as much as one rounding; how far its results move is how sensitive this program is on these
 * inputs. A correct target may be off by some times that. It may also be off by what that does not show: sums of
 * some hundred numbers of order one, in another order or in parts (256 units of the last place of the result, or of
 * one). A program of f64 alone is held to f64's precision: the same, 2^29 times smaller.
 *
 * A program with halves rounds them where it stores them, and it is the target's affair which values that are: how far
 * the results move between all of them and none tells how much it matters. It may be four times as much, and a unit
 * of the coarsest half's last place.
 */
export function expectAgreement(fn: GraphFunction, env: Environment, got: Results): void {
  const want = interpret(fn, env);
  const moved = [0, 1, 2].map((seed) => interpret(fn, jolted(env, seed), { rounded: true }));
  const used = dtypesIn(fn), half = halfUnit(used), unit = used.has("f32") || half ? 2 ** -24 : 2 ** -53;
  if (half) moved.push(interpret(fn, env, { widensHalves: true }), interpret(fn, jolted(env, 3), { widensHalves: true }));
  for (const part of ["outputs", "updates"] as const) {
    expect(Object.keys(got[part]).sort()).toEqual(Object.keys(want[part]).sort());
    for (const [name, array] of Object.entries(want[part])) {
      const movement = Math.max(...moved.map((m) => distance(array, m[part][name])));
      const size = Math.max(1, largest(array));
      const tolerance = !isFloat(array.dtype) || name.startsWith("exact") ? 0 : half ? 4 * movement + half * size : unit * (16 * 2 ** 24 * movement + 256 * size);
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

/** The inputs that hold any reals (named x), each moved by up to one rounding to f32 (of a half, to that); those on a grid as they are. */
function jolted(env: Environment, seed: number): Environment {
  const random = new Random(seed);
  const jolt = (arrays: Readonly<Record<string, NdArray>>): Record<string, NdArray> => Object.fromEntries(Object.entries(arrays).map(([name, a]) =>
    [name, seed > 0 && name.startsWith("x") ? { ...a, data: a.data.map((v) => v * (1 + (2 * random.unit() - 1) * (isHalf(a.dtype) ? finfo[a.dtype].eps : 2 ** -23))) } : a]));
  return { inputs: jolt(env.inputs), variables: jolt(env.variables) };
}

const finite = (x: number): number => (Number.isFinite(x) ? x : 0);
const largest = (a: NdArray): number => a.data.reduce((m, x) => Math.max(m, Math.abs(finite(x))), 0);
const distance = (a: NdArray, b: NdArray): number => a.data.reduce((m, x, i) => Math.max(m, Math.abs(finite(x - b.data[i]))), 0);

/** The unit of the last place of the coarsest half there is, if any. */
const halfUnit = (used: ReadonlySet<DType>): number | undefined => (["bf16", "f16"] as const).filter((d) => used.has(d)).map((d) => finfo[d].eps)[0];

/** Dtypes of everything that a function computes. */
function dtypesIn(fn: GraphFunction): Set<DType> {
  const found = new Set<DType>();
  const collect = (values: Iterable<Value>): void => {
    for (const node of reachable(values) as AnyNode[]) {
      for (const v of node.outputs) found.add(v.type.dtype);
      for (const region of node.regions) collect(region.results);
    }
  };
  collect([...fn.inputs, ...[...fn.outputs, ...fn.updates].map((o) => o.value)]);
  return found;
}
