import type { Float, Layer, Tensor } from "chainrule";
import { make, type LayerClass, type Scope } from "../../ir/model/scope.ts";
import { Unsupported } from "./outcome.ts";

/** A scope whose parameters are given tensors (inputs of a function, mostly), so that one can differentiate by them. */
export function scopeOf(given: (name: string) => Tensor | undefined, prefix = ""): Scope<Float> {
  const param = (name: string, shape: readonly number[]): Tensor => {
    const x = given(prefix + name);
    if (!x) throw new Error(`no parameter ${prefix}${name} is given`);
    if (x.shape.some((d) => typeof d === "string")) throw new Unsupported(`the parameter ${prefix}${name} of a symbolic size: a model's own are numbers`);
    if (x.shape.join() !== shape.join()) throw new Error(`the layer's ${prefix}${name} is [${shape.join()}], the one given [${x.shape.join()}]`);
    return x;
  };
  return {
    dtype: "f32",
    param: param as Scope<Float>["param"],
    state: (name) => { throw new Unsupported(`the state ${prefix}${name} in a single call`); },
    use: <T>(name: string, layer: Layer<T, Float> | LayerClass<T, Float>): T => make(layer, scopeOf(given, `${prefix}${name}.`)),
  };
}
