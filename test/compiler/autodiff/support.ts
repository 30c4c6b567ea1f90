import { expect } from "vitest";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { emit, emitOne, reachable, type AnyNode, type GraphFunction, type Region, type Value } from "../../../ir/graph/index.ts";
import { interpret, ndarray, type NdArray } from "../../../ir/interpret/index.ts";
import type { AttrsOf, OpName } from "../../../ir/ops/index.ts";
import { verify } from "../../../ir/verify/index.ts";
import { arrayType, isFloat, type DType, type Shape, type TensorType } from "../../../ir/types/index.ts";

// ---- graphs

export const input = (name: string, dtype: DType, shape: Shape): Value => emitOne("input", [], { name, type: { dtype, shape } });
export const constant = (dtype: DType, shape: number[], data: number[] | number): Value =>
  emitOne("constant", [], { dtype, shape, data: typeof data === "number" ? data : arrayType[dtype].from(data) });
/** {@link emitOne} with its attributes last and left out where there are none. */
export const op = <K extends OpName>(name: K, inputs: readonly Value[], attrs: AttrsOf<K> = {} as AttrsOf<K>, regions: readonly Region[] = []): Value =>
  emitOne(name, inputs, attrs, regions);
export const mul = (a: Value, b: Value): Value => op("mul", [a, b]);
export const add = (a: Value, b: Value): Value => op("add", [a, b]);
export const sin = (x: Value): Value => op("sin", [x]);
export const tanh = (x: Value): Value => op("tanh", [x]);
export const sumAll = (x: Value): Value => op("reduce", [x], { reducer: "sum", axes: x.type.shape.map((_, i) => i) });
export const dotProduct = (a: Value, b: Value): Value => sumAll(mul(a, b));

/** A region of given parameter types. */
export function region(types: readonly TensorType[], build: (...params: Value[]) => readonly Value[]): Region {
  const params = types.map((type, index) => emitOne("parameter", [], { index, type }));
  return { params, results: build(...params) };
}

export const f64 = (...shape: (number | string)[]): TensorType => ({ dtype: "f64", shape });

export const grad = (y: Value, ...wrt: Value[]): readonly Value[] => emit("grad", [y, ...wrt], {});
export const vjp = (ys: readonly Value[], cotangents: readonly Value[], wrt: readonly Value[]): readonly Value[] =>
  emit("vjp", [...ys, ...cotangents, ...wrt], { outputs: ys.length });
export const jvp = (ys: readonly Value[], wrt: readonly Value[], tangents: readonly Value[]): readonly Value[] =>
  emit("jvp", [...ys, ...wrt, ...tangents], { outputs: ys.length });

// ---- programs

export type Arrays = readonly NdArray[];
export const array = (shape: number[], data: number[] | number, dtype: DType = "f64"): NdArray => ndarray(dtype, shape, data);

/** A function of the given inputs. Its outputs are called 0, 1, 2 … */
export const fn = (inputs: readonly Value[], outputs: readonly Value[]): GraphFunction =>
  ({ name: "f", inputs, outputs: outputs.map((value, i) => ({ name: `o${i}`, value })), updates: [] });

/** Ops of a function, those inside regions too. */
export function opsIn(roots: readonly Value[]): AnyNode[] {
  return reachable(roots).flatMap((node) => [node, ...node.regions.flatMap((r) => opsIn(r.results))]);
}

/** The function with its derivatives expanded: it verifies, and no derivative op is left anywhere. */
export function expanded(f: GraphFunction): GraphFunction {
  verify(f);
  const out = expandDerivatives(f);
  verify(out);
  const left = opsIn(out.outputs.map((o) => o.value)).filter((n) => ["grad", "vjp", "jvp", "stopGradient", "custom"].includes(n.op));
  expect(left.map((n) => n.op)).toEqual([]);
  return out;
}

export function run(f: GraphFunction, args: Arrays): NdArray[] {
  const names = f.inputs.map((v) => (v.node as Extract<AnyNode, { op: "input" }>).attrs.name);
  const { outputs } = interpret(f, { inputs: Object.fromEntries(args.map((a, i) => [names[i], a])), variables: {} });
  return f.outputs.map((o) => outputs[o.name]);
}

/** Builds a function on inputs like `args`, expands its derivatives, and runs it. */
export function evaluate(args: Arrays, build: (...xs: Value[]) => readonly Value[]): NdArray[] {
  const xs = args.map((a, i) => input(`x${i}`, a.dtype, a.shape));
  return run(expanded(fn(xs, build(...xs))), args);
}
export const numbers = (a: NdArray): number[] => [...a.data].map((x) => x + 0);

// ---- checks

/** Repeatable numbers in −1 … 1. */
export function random(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state / 2 ** 31 - 1;
  };
}
export const randomLike = (a: { shape: readonly number[] }, next: () => number, dtype: DType = "f64"): NdArray =>
  array([...a.shape], Array.from({ length: a.shape.reduce((n, d) => n * d, 1) }, next), dtype);

export interface Case {
  readonly args: Arrays;
  /** Results, all of which are differentiated if they are floats. */
  readonly build: (...xs: Value[]) => readonly Value[];
  /** Step of the finite differences, relative to the size of the argument. */
  readonly step?: number;
  readonly tolerance?: number;
}

const dot = (a: NdArray, b: NdArray): number => a.data.reduce((s, x, i) => s + x * b.data[i], 0);

/** Central differences of a scalar function of arrays, to every element of every float argument. */
function finiteDifferences(f: (args: Arrays) => number, args: Arrays, step: number): NdArray[] {
  return args.filter((a) => isFloat(a.dtype)).map((a) => {
    const at = args.indexOf(a);
    const data = a.data.map((x, i) => {
      const h = step * Math.max(1, Math.abs(x));
      const moved = (by: number): Arrays => args.map((b, k) => (k === at ? { ...a, data: a.data.map((y, j) => (j === i ? y + by : y)) } : b));
      return (f(moved(h)) - f(moved(-h))) / (2 * h);
    });
    return { ...a, data };
  });
}

function expectClose(got: NdArray, want: NdArray, tolerance: number, what: string): void {
  expect([got.dtype, got.shape], what).toEqual([want.dtype, want.shape]);
  const scale = Math.max(1, ...[...want.data].map(Math.abs));
  for (const [i, x] of got.data.entries())
    if (!(Math.abs(x - want.data[i]) <= tolerance * scale))
      expect.fail(`${what}: element ${i} is ${x}, finite differences give ${want.data[i]}\n  all: ${numbers(got).join(" ")}\n  want: ${numbers(want).join(" ")}`);
}

/**
 * Holds a function's derivatives against finite differences:
 * its vjp; its jvp, and that the two agree to rounding; the derivative of its vjp in both modes, and of its jvp.
 */
export function checkDerivatives({ args, build, step = 1e-5, tolerance = 1e-6 }: Case): void {
  const next = random(7);
  const xs = args.map((a, i) => input(`x${i}`, a.dtype, a.shape));
  const isWrt = args.map((a) => isFloat(a.dtype));
  const wrt = xs.filter((_, i) => isWrt[i]);
  const ys = build(...xs).filter((y) => isFloat(y.type.dtype));
  const primal = expanded(fn(xs, ys));
  const cts = run(primal, args).map((y) => randomLike(y, next, y.dtype));
  const tangents = args.filter((_, i) => isWrt[i]).map((a) => randomLike(a, next, a.dtype));
  const ctInputs = cts.map((c, i) => input(`c${i}`, c.dtype, c.shape)), tInputs = tangents.map((t, i) => input(`t${i}`, t.dtype, t.shape));

  // first order
  const weighted = (a: Arrays): number => run(primal, a).reduce((s, y, i) => s + dot(y, cts[i]), 0);
  const reverseFn = expanded(fn([...xs, ...ctInputs], vjp(ys, ctInputs, wrt)));
  const gradients = run(reverseFn, [...args, ...cts]);
  const want = finiteDifferences(weighted, args, step);
  for (const [i, g] of gradients.entries()) expectClose(g, want[i], tolerance, `vjp to operand ${i}`);

  const forwardFn = expanded(fn([...xs, ...tInputs], jvp(ys, wrt, tInputs)));
  const pushed = run(forwardFn, [...args, ...tangents]);
  const left = pushed.reduce((s, y, i) => s + dot(y, cts[i]), 0), right = gradients.reduce((s, g, i) => s + dot(g, tangents[i]), 0);
  expect(Math.abs(left - right), `<ct, J t> = ${left}, <Jᵀ ct, t> = ${right}`).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(left)));

  // second order: the derivative of <Jᵀ ct, t> to the arguments, four ways
  const second = finiteDifferences((a) => run(reverseFn, [...a, ...cts]).reduce((s, g, i) => s + dot(g, tangents[i]), 0), args, step);
  const allInputs = [...xs, ...ctInputs, ...tInputs], all = [...args, ...cts, ...tangents];
  const inner = vjp(ys, ctInputs, wrt);
  const reverseOverReverse = run(expanded(fn(allInputs, vjp(inner, tInputs, wrt))), all);
  const forwardOverReverse = run(expanded(fn(allInputs, jvp(inner, wrt, tInputs))), all);
  const reverseOverForward = run(expanded(fn(allInputs, vjp(jvp(ys, wrt, tInputs), ctInputs, wrt))), all);
  for (const [name, results] of Object.entries({ reverseOverReverse, forwardOverReverse, reverseOverForward }))
    for (const [i, r] of results.entries()) expectClose(r, second[i], 20 * tolerance, `${name}, operand ${i}`);
}
