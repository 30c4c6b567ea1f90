import { article, className } from "./inputs.ts";
import { suggest } from "./suggest.ts";
import { arrayTypes, HostTensor, sizeOf, typeText } from "./tensor.ts";
import type { CallOptions, DType, Outputs, TypedArray } from "./types.ts";

/** An output of a call: the sizes of its dimensions are known. */
export interface OutputForm {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Throws where options are none that a call has, or an array of `out` is not one that the output fits into. */
export function checkOptions(forms: readonly OutputForm[], options: CallOptions): void {
  // no rest of a pattern, no default object: to make these takes longer than a small call
  for (const key in options) if (key !== "outputs" && key !== "out") throw new Error(`a call has no option "${key}": it has outputs and out`);
  const { outputs = "copy", out } = options;
  if (outputs !== "copy" && outputs !== "view") throw new Error(`outputs are given as "copy" or "view", not ${String(outputs)}`);
  if (out === undefined) return;
  for (const name in out) {
    const form = forms.find((f) => f.name === name), array: unknown = out[name];
    if (!form) throw new Error(`there is no output "${name}" for out${suggest(name, forms.map((f) => f.name))}`);
    const { dtype, shape } = form, size = sizeOf(shape), { length } = (array ?? "") as ArrayLike<unknown>;
    if (array !== undefined && (className(array) !== arrayTypes[dtype].name || length !== size))
      throw new Error(`${name} is ${typeText(dtype, shape)}: out takes ${article(arrayTypes[dtype].name)} of ${size} for it, not ${article(className(array))} of ${length}`);
  }
}

/** The array that the caller wants an output in. */
export const targetOf = ({ out }: CallOptions, name: string): TypedArray | undefined => (out !== undefined && Object.hasOwn(out, name) ? out[name] : undefined);

/** Results whose elements are the caller's own, with those that are wanted in other arrays in these. */
export function moveInto(results: Outputs, options: CallOptions): Outputs {
  return Object.fromEntries(Object.entries(results).map(([name, t]) => {
    const target = targetOf(options, name);
    target?.set(t.data);
    return [name, target ? new HostTensor(t.dtype, t.shape, target) : t];
  }));
}
