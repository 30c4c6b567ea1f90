import { check } from "../graph/error.ts";
import type { Float, Layer } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Sequence, StepLayer } from "./types.ts";

/**
 * Layers one after another, named "0", "1", … as in PyTorch: the weight of the second is `1.weight`. A layer may give a
 * function of a tensor, or an object with a `forward`. PyTorch: `nn.Sequential`.
 */
export function sequential<const L extends readonly StepLayer[]>(...layers: L): Sequence<L>;
export function sequential(...layers: readonly StepLayer[]): Layer<(x: Tensor) => Tensor, Float> {
  return (scope) => {
    const steps = layers.map((layer, i) => {
      const step = scope.use(String(i), layer);
      if (typeof step === "function") return step as (x: Tensor) => Tensor;
      check(typeof step?.forward === "function", () => `sequential: layer ${i} gives neither a function nor an object with a forward`);
      return (x: Tensor) => (step as { forward(x: Tensor): Tensor }).forward(x);
    });
    return (x) => steps.reduce((y, step) => step(y), x);
  };
}

/** Layers by number, to be called as the user likes: `blocks.0.weight`, … PyTorch: `nn.ModuleList`. */
export function list<T, F extends Float>(layers: readonly Layer<T, F>[]): Layer<readonly T[], F> {
  return (scope) => layers.map((layer, i) => scope.use(String(i), layer));
}

/** Layers by name, to be called as the user likes: `heads.left.weight`, … PyTorch: `nn.ModuleDict`. */
export function dict<const L extends Readonly<Record<string, Layer<unknown, Float>>>>(layers: L): Layer<{ readonly [K in keyof L]: ReturnType<L[K]> }, Float> {
  return (scope) => Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, scope.use(name, layer)])) as { readonly [K in keyof L]: ReturnType<L[K]> };
}
