import { check } from "../graph/error.ts";
import { uniform } from "../init/init.ts";
import type { Float, Layer } from "../model/scope.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { einsum } from "../tensor/einsum.ts";
import { forProduct } from "../tensor/precision.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { typeText, type DType, type Shape } from "../types/index.ts";

/**
 * `x1ᵀ·W·x2 + b` for each row: `[…, in1]` and `[…, in2]` to `[…, out]`; weight `[out, in1, in2]`, bias `[out]` or none. PyTorch:
 * `F.bilinear`.
 */
export function bilinear<D extends DType>(x1: Tensor<Shape, D>, x2: Tensor<Shape, D>, weight: Tensor<Shape, D>, bias?: Tensor<Shape, D> | null): Tensor<Shape, D>;
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  requireTensors("bilinear", { x1, x2, weight });
  const fits = x1.rank >= 1 && x1.rank === x2.rank && weight.rank === 3 && x1.shape.slice(0, -1).every((d, i) => d === x2.shape[i]) && x1.shape.at(-1) === weight.shape[1] && x2.shape.at(-1) === weight.shape[2];
  check(fits, () => `bilinear of ${typeText(x1.value.type)} and ${typeText(x2.value.type)} with a weight ${typeText(weight.value.type)}`, "it takes […, in1], […, in2] and [out, in1, in2]");
  const [left, by, right, shift] = forProduct(x1, weight, x2, bias);
  const y: Tensor = einsum("...i,oij,...j->...o", left, by, right);
  return shift ? y.add(shift) : y;
}

/** What {@link bilinearLayer} computes, with its parameters. */
export type BilinearMap = (<D extends DType>(x1: Tensor<Shape, D>, x2: Tensor<Shape, D>) => Tensor<Shape, D>) & { readonly weight: Tensor; readonly bias: Tensor | null };

/**
 * A bilinear form of two inputs for each output: `[…, in1]` and `[…, in2]` to `[…, out]`. Parameters: `weight`, `[out, in1, in2]`, and
 * `bias`, from U(±1/sqrt(in1)). PyTorch: `nn.Bilinear`.
 */
export const bilinearLayer = (in1Features: number, in2Features: number, outFeatures: number, options: { readonly bias?: boolean } = {}): Layer<BilinearMap, Float> => (scope) => {
  const bound = 1 / Math.sqrt(in1Features), init = uniform(-bound, bound);
  const weight: Tensor = scope.param("weight", [outFeatures, in1Features, in2Features], { init });
  const bias: Tensor | null = options.bias === false ? null : scope.param("bias", [outFeatures], { init });
  return Object.assign((x1: Tensor, x2: Tensor) => bilinear(x1, x2, weight, bias), { weight, bias }) as BilinearMap;
};
