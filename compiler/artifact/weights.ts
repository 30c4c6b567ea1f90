import { check } from "../../ir/graph/index.ts";
import { arrayType, isFloat, isHalf, sameShape, typeText, type TypedArray } from "../../ir/types/index.ts";
import { readSafetensors, writeSafetensors, type NamedTensor } from "../interop/safetensors.ts";
import type { CompiledModel } from "./compiled.ts";

/**
 * The values that an artifact carries, as a safetensors file: of variables that are declared with data, and those
 * given beside the model, which win; halves are taken for any float. `undefined` where there are none: the seed makes everything.
 */
export function initialWeights({ model }: CompiledModel, given: Uint8Array | undefined): Uint8Array | undefined {
  const tensors = new Map<string, NamedTensor>();
  for (const { name, type, init } of model.variables)
    if (init.kind === "data") tensors.set(name, { dtype: type.dtype, shape: type.shape as number[], data: arrayType[type.dtype].from(init.data) as TypedArray });
  if (given) {
    const variables = new Map(model.variables.map((v) => [v.name, v]));
    for (const [name, t] of readSafetensors(given, "the weights given")) {
      const v = variables.get(name);
      check(v, () => `the weights given have "${name}", which is no variable of ${model.name}`, `its variables are ${[...variables.keys()].join(", ")}`);
      check(sameShape(v.type.shape, t.shape) && (v.type.dtype === t.dtype || (isFloat(v.type.dtype) && isHalf(t.dtype))), () => `the weights given have ${name} as ${typeText(t)}; in ${model.name} it is ${typeText(v.type)}`);
      tensors.set(name, { ...t, dtype: v.type.dtype, data: arrayType[v.type.dtype].from(t.data) });
    }
  }
  return tensors.size > 0 ? writeSafetensors(tensors, { format: "chainrule", model: model.name }) : undefined;
}
