import { GraphError } from "../graph/error.ts";
import type { NdArray } from "../ops/index.ts";
import { dims, typeText, type Dim, type TensorType } from "../types/index.ts";

/** The number each symbolic dimension stands for. */
export type Binding = Readonly<Record<string, number>>;

/** A tensor with concrete sizes. */
export interface ConcreteType extends TensorType {
  readonly shape: readonly number[];
}

/** An argument: what it is called in messages, the type declared for it, and the array given. */
export interface Argument {
  readonly name: string;
  readonly type: TensorType;
  readonly array: NdArray;
}

/**
 * Finds what each symbol stands for from the shapes of the arguments, in two rounds: first the dimensions that
 * are a symbol alone, then a check of every other (`"2*B"`) against what those gave.
 * Throws a GraphError that names the argument where a dtype, a rank or a size does not fit.
 */
export function bindSymbols(args: readonly Argument[]): Binding {
  const binding: Record<string, number> = {};
  const boundBy: Record<string, string> = {};
  for (const { name, type, array } of args) {
    const given = typeText(array);
    if (array.dtype !== type.dtype || array.shape.length !== type.shape.length)
      throw new GraphError(`${name} is ${given}, but ${typeText(type)} is declared`);
    for (const [i, d] of type.shape.entries()) {
      if (typeof d === "number" || !isSymbol(d)) continue;
      if (binding[d] !== undefined && binding[d] !== array.shape[i])
        throw new GraphError(`${name} is ${given}, which makes ${d} = ${array.shape[i]}, but ${boundBy[d]} makes it ${binding[d]}`,
          `every dimension called ${d} has one size in a call`);
      binding[d] = array.shape[i];
      boundBy[d] ??= `${name}, which is ${given},`;
    }
  }
  for (const { name, type, array } of args)
    for (const [i, d] of type.shape.entries()) {
      const size = sizeUnder(d, binding, name);
      if (size !== array.shape[i])
        throw new GraphError(`${name} is ${typeText(array)}, but ${typeText(type)} is declared: axis ${i} must be ${size}${typeof d === "number" ? "" : ` (${d})`}`);
    }
  return binding;
}

const isSymbol = (d: string): boolean => /^[A-Za-z_]\w*$/.test(d);

/** Value of a dimension; throws a GraphError that names `what` where a symbol has no value. */
export function sizeUnder(d: Dim, binding: Binding, what: string): number {
  if (typeof d === "number") return d;
  const unbound = dims.symbolsOf(d).filter((s) => binding[s] === undefined);
  if (unbound.length > 0)
    throw new GraphError(`${what}: nothing gives a size to ${unbound.join(", ")}`, `an input needs a dimension that is "${unbound[0]}" alone`);
  return dims.evaluate(d, binding);
}

export function concreteType(type: TensorType, binding: Binding, what: string): ConcreteType {
  const shape = type.shape.map((d) => sizeUnder(d, binding, what));
  if (shape.some((d) => d < 0))
    throw new GraphError(`${what}: ${typeText(type)} becomes ${typeText({ dtype: type.dtype, shape })}, a negative size`);
  return { dtype: type.dtype, shape };
}

/** The attributes that hold a dimension or a list of them, whatever the op. */
const dimensionAttributes = new Set(["shape", "start", "limit", "low", "high", "size", "length", "maxTrips"]);

/** The attributes of a node with every symbol replaced by its number. */
export function concreteAttrs<A extends object>(attrs: A, binding: Binding, what: string): A {
  const bind = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(bind) : typeof value === "string" ? sizeUnder(value, binding, what) : value;
  return Object.fromEntries(Object.entries(attrs).map(([key, value]) => [key, dimensionAttributes.has(key) ? bind(value) : value])) as A;
}
