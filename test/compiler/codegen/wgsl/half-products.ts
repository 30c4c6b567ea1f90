import { expect } from "vitest";
import { bf16, defineModel, f16, f32, grad, i32, nn, type Model, type ModelBuilder, type Tensor } from "chainrule";
import type { GpuModel, LoadedModel } from "chainrule/runtime";
import { expandDerivatives } from "../../../../compiler/autodiff/index.ts";
import { interpret, ndarray, type NdArray, type Results } from "../../../../ir/interpret/index.ts";
import { stored, unstored } from "../../../../ir/types/index.ts";

/** Products of halves of every kind, on small integers: their products and sums are exact in any order. */

const F = nn.functional;
type Sizes = Readonly<Record<string, readonly number[]>>;
export interface Case {
  readonly define: (m: ModelBuilder) => void;
  readonly sizes: Sizes;
}

/** A product of square matrices, or what `f` makes of them. */
export const product = (dtype: "f16" | "bf16" | "f32", f: (x: Tensor, w: Tensor) => Tensor, size: number): Case => ({
  define: (m) => { m.fn("f", { x: { f16, bf16, f32 }[dtype](size, size), w: { f16, bf16, f32 }[dtype](size, size) }, ({ x, w }) => ({ y: f(x as Tensor, w as Tensor) })); },
  sizes: { x: [size, size], w: [size, size] },
});

/** A function of two tensors of halves. */
const of = (x: readonly (number | string)[], w: readonly (number | string)[], f: (x: Tensor, w: Tensor) => Tensor): Case["define"] =>
  (m) => { m.fn("f", { x: f16(...x), w: f16(...w) }, ({ x, w }) => ({ y: f(x as Tensor, w as Tensor) })); };

export const cases = {
  "whole tiles": { define: of([64, 64], [64, 96], (x, w) => x.matmul(w)), sizes: { x: [64, 64], w: [64, 96] } },
  "no size is a multiple of anything": { define: of(["B", 45], [45, 51], (x, w) => x.matmul(w)), sizes: { x: [53, 45], w: [45, 51] } },
  "the second operand transposed, with something done to each sum": {
    define: (m) => { m.fn("f", { x: f16("B", 64), w: f16(40, 64), b: f16(40) }, ({ x, w, b }) => ({ y: x.matmul(w.transpose(0, 1)).add(b).relu().mul(0.5), z: x.matmul(w.transpose(0, 1)) })); },
    sizes: { x: [37, 64], w: [40, 64], b: [40] },
  },
  "the first operand transposed, a symbolic number of steps": { define: of(["B", 40], ["B", 50], (x, w) => x.transpose(0, 1).matmul(w)), sizes: { x: [45, 40], w: [45, 50] } },
  "stored along the rows": { define: of(["B", 40], [40, 70], (x, w) => x.matmul(w).transpose(0, 1)), sizes: { x: [33, 40], w: [40, 70] } },
  "a batch": { define: of(["B", 3, 40, 36], ["B", 3, 36, 50], (x, w) => x.matmul(w)), sizes: { x: [2, 3, 40, 36], w: [2, 3, 36, 50] } },
  "so many that tiles are large": { define: of(["B", 70, 20], ["B", 20, 40], (x, w) => x.matmul(w)), sizes: { x: [3, 70, 20], w: [3, 20, 40] } },
  "operands that are picked": { define: of(["B", 48], [48, 40], (x, w) => x.relu().matmul(w.neg().minimum(1))), sizes: { x: [41, 48], w: [48, 40] } },
  "few sums of many steps": { define: of([20, 2051], [2051, 24], (x, w) => x.matmul(w)), sizes: { x: [20, 2051], w: [2051, 24] } },
  "rows by their numbers": {
    define: (m) => { m.fn("f", { x: f16(50, 40), at: i32("B"), w: f16(40, 48) }, ({ x, at, w }) => ({ y: x.indexSelect(0, at).matmul(w) })); },
    sizes: { x: [50, 40], at: [35], w: [40, 48] },
  },
  "a convolution": { define: of(["B", 5, 9, 11], [20, 5, 3, 3], (x, w) => F.conv2d(x, w, undefined, { padding: 1 })), sizes: { x: [2, 5, 9, 11], w: [20, 5, 3, 3] } },
  "the gradient of a convolution's image": { define: of(["B", 18, 9, 9], [20, 18, 3, 3], (x, w) => grad(F.conv2d(x, w, undefined, { stride: 2, padding: 1 }).sum(), x)), sizes: { x: [2, 18, 9, 9], w: [20, 18, 3, 3] } },
  "the gradient of a convolution's weight": { define: of(["B", 6, 8, 8], [20, 6, 3, 3], (x, w) => grad(F.conv2d(x, w, undefined, { padding: 2, dilation: 2 }).square().sum(), w)), sizes: { x: [2, 6, 8, 8], w: [20, 6, 3, 3] } },
} satisfies Record<string, Case>;

const integers = (shape: readonly number[], seed: number): number[] => Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7 + Math.floor(i / 11) * 3 + seed) % 5) - 2);

export const modelOf = ({ define }: Case): Model => defineModel("products", (m) => { define(m); });

/** Inputs of a case, and what the interpreter says it gives. */
export function exactly(c: Case): { inputs: Record<string, NdArray>; want: Results["outputs"] } {
  const inputs = Object.fromEntries(Object.entries(c.sizes).map(([name, shape], i) =>
    [name, name === "at" ? ndarray("i32", shape, integers(shape, i).map((v) => v + 20)) : ndarray("f16", shape, integers(shape, i))]));
  return { inputs, want: interpret(expandDerivatives(modelOf(c).functions[0]), { inputs, variables: {} }).outputs };
}

/** Expects a loaded model to give that, bit by bit. */
export async function expectExactly(net: LoadedModel | GpuModel, { inputs, want }: ReturnType<typeof exactly>): Promise<void> {
  const got = await net.functions.f(Object.fromEntries(Object.entries(inputs).map(([name, { dtype, shape, data }]) =>
    [name, { dtype, shape, data: dtype === "i32" ? Int32Array.from(data) : Uint16Array.from(data, (v) => stored("f16", v)) }])));
  for (const [name, { data }] of Object.entries(want)) expect(Array.from(got[name].data as Uint16Array, (b) => unstored("f16", b)), name).toEqual(Array.from(data));
}
