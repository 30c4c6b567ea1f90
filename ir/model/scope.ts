import type { InitLike } from "../init/init.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { DType, Float } from "../types/index.ts";

export type { Float };

export interface VariableOptions<D extends DType = DType> {
  /** The model's dtype (f32 unless given to `defineModel`) unless given here. */
  readonly dtype?: D;
  /** An initialiser (`init.kaimingUniform()`), a number for every element, or the elements themselves. */
  readonly init?: InitLike;
}

/**
 * Where parameters and state get their names: the model, or a part of it. Names below a part start with its name:
 * the weight of a linear layer used as "fc1" is `fc1.weight`, as in a PyTorch state dict.
 */
export interface Scope<F extends Float = "f32"> {
  /** Dtype of parameters and state that do not say theirs: the model's. */
  readonly dtype: F;
  /**
   * A trained parameter. Shapes are numbers. It starts, unless `init` says otherwise, as a layer of PyTorch does with
   * two or more dimensions, U(±1/sqrt(fanIn)), and at zero with fewer.
   */
  param<const S extends readonly number[], D extends DType = F>(name: string, shape: S, options?: VariableOptions<D>): Tensor<[...S], D>;
  /** What lives between calls but is not trained: a running mean, a count. It starts at zero unless `init` says otherwise. */
  state<const S extends readonly number[], D extends DType = F>(name: string, shape: S, options?: VariableOptions<D>): Tensor<[...S], D>;
  /** Makes a layer as a part of this scope, and gives what it is called by: `const fc1 = m.use("fc1", nn.linear(64, 128))`. */
  use<T>(name: string, layer: Layer<T, F>): T;
  use<T>(name: string, layer: LayerClass<T, F>): T;
}

/**
 * A layer, before it has a name: a function from the scope that its parameters live in to what computes with them,
 * mostly a function of tensors. Anyone can write one:
 *
 * ```ts
 * const residual = (width: number) => (scope: Scope) => {
 *   const fc = scope.use("fc", nn.linear(width, width));
 *   return (x: Tensor) => fc(x).relu().add(x);
 * };
 *
 * class Regression {
 *   readonly w: Tensor; readonly b: Tensor;
 *   constructor(scope: Scope) { this.w = scope.param("w", [3]); this.b = scope.param("b", []); }
 *   forward(x: Tensor) { return x.matmul(this.w).add(this.b); }
 * }
 * const net = m.use("net", Regression);   // parameters net.w, net.b; net.forward(x)
 * ```
 *
 * Layers of `nn` fit a model of any float dtype; one written for `Scope` is for f32 models, for `Scope<"f64">` for f64 ones.
 */
export type Layer<T, F extends Float = "f32"> = (scope: Scope<F>) => T;

/** A class of layers: its constructor takes the scope that its parameters live in. */
export type LayerClass<T, F extends Float = "f32"> = new (scope: Scope<F>) => T;

/** A scope of a model of any float dtype: what layers of `nn` are written for. */
export type AnyScope = Scope<Float>;

/** Makes a layer in its scope, whichever of the two it is: only of a class is `prototype` not writable. */
export const make = <T, F extends Float>(layer: Layer<T, F> | LayerClass<T, F>, scope: Scope<F>): T =>
  (Object.getOwnPropertyDescriptor(layer, "prototype")?.writable === false ? new (layer as LayerClass<T, F>)(scope) : (layer as Layer<T, F>)(scope));
