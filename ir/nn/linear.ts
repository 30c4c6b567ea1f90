import { kaimingUniform, uniform, type InitLike } from "../init/init.ts";
import type { Float, Layer } from "../model/scope.ts";
import { linear as apply } from "../tensor/products.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { WidthMap } from "./types.ts";

export interface LinearOptions {
  /** Whether to add a bias; true unless given. */
  readonly bias?: boolean;
  /** U(±1/sqrt(inFeatures)) unless given. */
  readonly weightInit?: InitLike;
  /** U(±1/sqrt(inFeatures)) unless given. */
  readonly biasInit?: InitLike;
}

/** What {@link linear} computes, with its parameters. */
export type LinearMap<I extends number, O extends number> = WidthMap<I, O> & { readonly weight: Tensor<[O, I]>; readonly bias: Tensor<[O]> | null };

/**
 * `x·Wᵀ + b`: `[…, inFeatures]` to `[…, outFeatures]`. Parameters: `weight`, `[outFeatures, inFeatures]`, and `bias`,
 * `[outFeatures]`. PyTorch: `nn.Linear`, with its initial values.
 */
export function linear<const I extends number, const O extends number>(inFeatures: I, outFeatures: O, options: LinearOptions = {}): Layer<LinearMap<I, O>, Float> {
  return (scope) => {
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    const weight: Tensor = scope.param("weight", [outFeatures, inFeatures], { init: options.weightInit ?? kaimingUniform({ a: Math.sqrt(5) }) });
    const bias: Tensor | null = options.bias === false ? null : scope.param("bias", [outFeatures], { init: options.biasInit ?? uniform(-bound, bound) });
    return Object.assign((x: Tensor) => apply(x, weight, bias), { weight, bias }) as unknown as LinearMap<I, O>;
  };
}
