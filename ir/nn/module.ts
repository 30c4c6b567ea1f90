import { GraphError } from "../graph/error.ts";
import type { AnyScope, Float, Layer, VariableOptions } from "../model/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A variable of a module: the field's name is its name. */
export interface Declared<S extends readonly number[]> {
  (scope: AnyScope): Tensor<S, Float>;
  readonly declare: (scope: AnyScope, name: string) => Tensor;
}

/** A trained parameter as a part of {@link module}: `scope.param` under the part's name. PyTorch: `nn.Parameter`. */
export const parameter = <const S extends readonly number[]>(shape: S, options?: VariableOptions): Declared<S> => declared((scope, name) => scope.param(name, shape, options));

/** A state that is not trained as a part of {@link module}: `scope.state` under the part's name. PyTorch: `register_buffer`. */
export const buffer = <const S extends readonly number[]>(shape: S, options?: VariableOptions): Declared<S> => declared((scope, name) => scope.state(name, shape, options));

function declared<S extends readonly number[]>(declare: Declared<S>["declare"]): Declared<S> {
  const alone = (): never => { throw new GraphError("nn.parameter and nn.buffer are parts of nn.module, no layers of their own", "use m.param or m.state"); };
  return Object.assign(alone, { declare });
}

/** Parts by name: layers, classes of them, and variables. */
type Part = ((scope: never) => unknown) | (new (scope: never) => unknown);
/** What parts are, once they are made. */
type Made<P> = { readonly [K in keyof P]: P[K] extends ((scope: never) => infer T) | (new (scope: never) => infer T) ? T : never };

/**
 * A module of your own, of named parts. The names are those of the fields of the PyTorch class, so parameters have the
 * names of its state dict (`blocks.0.self_attn.in_proj_weight`), and its checkpoints load.
 *
 * ```ts
 * const block = (width: number) => nn.module({
 *   self_attn: nn.multiheadAttention(width, 4, { batchFirst: true }),
 *   norm: nn.layerNorm(width),
 *   gain: nn.parameter([width], { init: 1 }),
 * }, ({ self_attn, norm, gain }) => (x: Tensor) => {
 *   const y = norm(x);
 *   return x.add(self_attn(y, y, y)[0].mul(gain));
 * });
 *
 * const blocks = m.use("blocks", nn.list([block(64), block(64)]));
 * ```
 *
 * `forward` gets the parts and gives the function that the module is; the parts are properties of it
 * (`blocks[0].norm`). A class whose constructor takes a scope is a module as well: `m.use("net", Net)`. PyTorch: `nn.Module`.
 */
export function module<const P extends Readonly<Record<string, Part>>, F extends (...args: never[]) => unknown>(parts: P, forward: (parts: Made<P>) => F): Layer<F & Made<P>, Float> {
  return (scope) => {
    const make = (name: string, part: Part): unknown => ("declare" in part ? (part as Declared<[]>).declare(scope, name) : scope.use(name, part as Layer<unknown, Float>));
    const made = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, make(name, part)])) as Made<P>;
    const f = forward(made), call = (...args: never[]): unknown => f(...args);
    // defined, not assigned: a part may be called "name" or "length", which functions have already
    for (const [name, value] of Object.entries(made)) Object.defineProperty(call, name, { value, enumerable: true });
    return call as unknown as F & Made<P>;
  };
}
