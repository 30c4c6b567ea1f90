import { check } from "../graph/error.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { concat } from "../tensor/join.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { dims, typeText, type DType, type Shape } from "../types/index.ts";

/** All elements of several tensors, parameters say, as one vector. PyTorch: `torch.nn.utils.parameters_to_vector`. */
export function parametersToVector<D extends DType>(parameters: readonly Tensor<Shape, D>[]): Tensor<Shape, D>;
export function parametersToVector(parameters: readonly Tensor[]): Tensor {
  check(Array.isArray(parameters) && parameters.length > 0, "parametersToVector of nothing", "give a list of tensors");
  return concat(parameters.map((p) => p.flatten()), 0);
}

/** A vector taken apart into tensors of the shapes of others. PyTorch: `torch.nn.utils.vector_to_parameters`. */
export function vectorToParameters<D extends DType>(vector: Tensor<Shape, D>, like: readonly Tensor[]): Tensor<Shape, D>[];
export function vectorToParameters(vector: Tensor, like: readonly Tensor[]): Tensor[] {
  requireTensors("vectorToParameters", { vector });
  const sizes = like.map((p) => p.numel()), total = sizes.reduce<string | number>((a, b) => dims.add(a, b), 0);
  check(vector.rank === 1 && vector.shape[0] === total, () => `vectorToParameters of ${typeText(vector.value.type)}: the tensors have ${total} elements`, "give a vector of as many");
  let from: string | number = 0;
  return like.map((p, i) => {
    const part = vector.narrow(0, from, sizes[i]).reshape(p.shape);
    from = dims.add(from, sizes[i]);
    return part;
  });
}
