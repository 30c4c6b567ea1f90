import { Tensor, type Float, type Layer } from "chainrule";
import { make, type LayerClass, type Scope } from "../../ir/model/scope.ts";
import { emitOne } from "../../ir/graph/index.ts";
import type { NdArray } from "../../ir/ops/index.ts";
import { array, checkDerivatives, random } from "../compiler/autodiff/support.ts";
import { scopeOf } from "../conformance/scope.ts";

/** Shapes of the parameters that a layer makes, by name, in order. */
export function parametersOf(layer: Layer<unknown, Float>): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  const scope = (prefix: string): Scope<Float> => ({
    ...scopeOf(() => undefined),
    param: ((name: string, shape: readonly number[]) => {
      found.set(prefix + name, shape);
      return new Tensor(emitOne("input", [], { name: prefix + name, type: { dtype: "f64", shape } }));
    }) as Scope<Float>["param"],
    use: <T>(name: string, inner: Layer<T, Float> | LayerClass<T, Float>): T => make(inner, scope(`${prefix}${name}.`)),
  });
  layer(scope(""));
  return found;
}

/** Repeatable numbers in -1 … 1, f64. */
export const sample = (shape: readonly number[], seed: number, scale = 1): NdArray => {
  const next = random(seed);
  return array([...shape], Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * next()));
};

/**
 * Holds the derivatives of a layer by its inputs and all its parameters, first and second order, reverse and forward
 * mode, against finite differences in f64.
 */
export function checkLayer<T>(layer: Layer<T, Float>, inputs: readonly (readonly number[] | NdArray)[], call: (f: T, ...xs: Tensor[]) => Tensor | readonly Tensor[], options: { readonly tolerance?: number } = {}): void {
  const params = [...parametersOf(layer)];
  const args = [...inputs, ...params.map(([, shape]) => shape)].map((x, i) => ("data" in x ? x : sample(x, i + 3, 0.7)));
  checkDerivatives({
    args, ...options,
    build(...values) {
      const tensors = values.map((v) => new Tensor(v));
      const byName = new Map(params.map(([name], i) => [name, tensors[inputs.length + i]]));
      const result = call(layer(scopeOf((name) => byName.get(name))), ...tensors.slice(0, inputs.length));
      return (result instanceof Tensor ? [result] : result).map((y) => y.value);
    },
  });
}

/** The same for a function of tensors. */
export const checkFunction = (inputs: readonly (readonly number[] | NdArray)[], f: (...xs: Tensor[]) => Tensor | readonly Tensor[], options: { readonly tolerance?: number } = {}): void =>
  checkLayer(() => f, inputs, (g, ...xs) => g(...xs), options);
