import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { emitOne } from "../../../ir/graph/index.ts";
import { interpret, ndarray, type NdArray } from "../../../ir/interpret/index.ts";
import { wrap } from "../../../ir/tensor/core.ts";
import { vjp, type DType, type Dim, type Shape, type Tensor } from "chainrule";

/** Tensors outside a model: inputs to build on, and the interpreter to see what comes out. */

export type Nested = number | boolean | readonly Nested[];

export const input = <const S extends readonly Dim[], D extends DType = "f64">(name: string, shape: S, dtype: D = "f64" as D): Tensor<[...S], D> =>
  wrap(emitOne("input", [], { name, type: { dtype, shape } })) as Tensor as Tensor<[...S], D>;

/** What tensors are worth. Every input they reach is given by name. */
export function evaluate<K extends string>(outputs: Readonly<Record<K, Tensor>>, inputs: Readonly<Record<string, NdArray>> = {}): Record<K, NdArray> {
  const entries = Object.entries<Tensor>(outputs);
  const values = entries.map(([, t]) => t.value), found = new Map<string, Tensor["value"]>();
  const seen = new Set<unknown>(), stack = [...values];
  while (stack.length > 0) {
    const v = stack.pop()!;
    if (seen.has(v.node)) continue;
    seen.add(v.node);
    if (v.node.op === "input") found.set((v.node.attrs as { name: string }).name, v);
    stack.push(...v.node.inputs);
  }
  const fn = expandDerivatives({ name: "test", inputs: [...found.values()], outputs: entries.map(([name, t]) => ({ name, value: t.value })), updates: [] });
  const given = Object.fromEntries([...found.keys()].map((name) => [name, inputs[name]]));
  return interpret(fn, { inputs: given, variables: {} }).outputs as Record<K, NdArray>;
}

/** A tensor's elements as nested arrays (bools as 0 and 1). */
export const valueOf = (t: Tensor, inputs: Readonly<Record<string, NdArray>> = {}): Nested => nested(evaluate({ t }, inputs).t);

export function nested({ shape, data }: NdArray): Nested {
  const build = (axis: number, at: number, size: number): Nested =>
    axis === shape.length ? data[at] : Array.from({ length: shape[axis] }, (_, i) => build(axis + 1, at + (i * size) / shape[axis], size / shape[axis]));
  return build(0, 0, data.length);
}

/** Derivatives of the sum of `f` of f64 inputs, for each of them; -0 counts as 0. */
export function gradients(values: readonly Nested[], f: (...x: Tensor[]) => Tensor): Nested[] {
  const arrays = Object.fromEntries(values.map((v, i) => [`x${i}`, array(v)]));
  const xs = Object.entries(arrays).map(([name, a]): Tensor => input(name, a.shape as Shape));
  const y = f(...xs);
  const out = evaluate(Object.fromEntries(vjp([y], xs, [y.onesLike()], { allowUnused: true }).map((g, i) => [`g${i}`, g])), arrays);
  return values.map((_, i) => nested({ ...out[`g${i}`], data: out[`g${i}`].data.map((v) => v + 0) }));
}

export const array = (x: Nested, dtype: DType = "f64"): NdArray => ndarray(dtype, shapeOf(x), flat(x));
export const flat = (x: Nested): number[] => (typeof x === "object" ? x.flatMap(flat) : [Number(x)]);
const shapeOf = (x: Nested): number[] => (typeof x === "object" ? [x.length, ...(x.length > 0 ? shapeOf(x[0]) : [])] : []);
