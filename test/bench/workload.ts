import type { Model } from "chainrule";
import type { TensorLike } from "chainrule/runtime";

/** Tensors by name. */
export type Tensors = Readonly<Record<string, TensorLike<"f32" | "i32">>>;

/**
 * Something to time, as chainrule runs it. A peer has its own way of writing the same; it is given the same inputs and
 * the same weights.
 */
export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly model: () => Model;
  /** The function of the model that is called. */
  readonly call: string;
  /** The output that is compared. */
  readonly output: string;
  /** How many calls in a row are compared: one where calls are alike, several where each changes the weights. */
  readonly calls: number;
  readonly inputs: () => Tensors;
  /** Values of the parameters, by the names that they have in a PyTorch state dict. */
  readonly weights: () => Tensors;
}

/** A workload with its numbers: what a peer is given. */
export interface Task {
  readonly id: string;
  readonly inputs: Tensors;
  readonly weights: Tensors;
}

export const taskOf = (w: Workload): Task => ({ id: w.id, inputs: w.inputs(), weights: w.weights() });

/** Numbers that look random, from -`scale` to `scale`, and are the same on every run and machine: 32-bit xorshift (Marsaglia 2003). */
export function noise(shape: readonly number[], seed = 1, scale = 1): TensorLike<"f32"> {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let x = Math.imul(seed, 0x9e3779b1) | 1;
  for (let i = 0; i < data.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    data[i] = (scale * x) / 2 ** 31;
  }
  return { dtype: "f32", shape, data };
}

/** Class numbers from 0 to `classes` - 1, in a fixed order. */
export const labels = (n: number, classes: number): TensorLike<"i32"> => ({ dtype: "i32", shape: [n], data: Int32Array.from({ length: n }, (_, i) => (i * 7) % classes) });

/** The parameters of a linear layer, of the size that PyTorch starts them with. */
export function linearWeights(name: string, inFeatures: number, outFeatures: number, seed: number): Tensors {
  const bound = 1 / Math.sqrt(inFeatures);
  return { [`${name}.weight`]: noise([outFeatures, inFeatures], seed, bound), [`${name}.bias`]: noise([outFeatures], seed + 1, bound) };
}
