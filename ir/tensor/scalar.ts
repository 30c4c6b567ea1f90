import { GraphError } from "../graph/error.ts";
import { highest, isFloat, lowest, type DType } from "../types/index.ts";

/** What kind of number a scalar is: it decides the dtype of a result, a scalar has no width of its own. */
export type ScalarKind = "bool" | "int" | "float";

/** A number whose kind is said rather than guessed; {@link scalar} makes one. */
export class KindScalar<K extends ScalarKind = ScalarKind> {
  readonly value: number;
  readonly kind: K;
  constructor(value: number, kind: K) {
    this.value = value;
    this.kind = kind;
  }
}

/**
 * A JavaScript number or boolean as an operand: it has a category (bool, integer, float) but no width. A whole
 * number counts as an integer, since JavaScript cannot tell 2.0 from 2; `scalar(2, "float")` says otherwise.
 */
export type Scalar = number | boolean | KindScalar;

/**
 * A number of a given kind, as an operand: `i32Tensor.mul(scalar(2, "float"))` is f32, as `t * 2.0` is in
 * PyTorch, where `i32Tensor.mul(2)` stays i32.
 *
 * @throws GraphError where an `"int"` is not whole.
 */
export function scalar<K extends ScalarKind>(value: number | boolean, kind: K): KindScalar<K> {
  const x = Number(value);
  if (kind === "int" && !Number.isInteger(x)) throw new GraphError(`scalar(${value}, "int"): ${value} is not a whole number`, 'say "float"');
  return new KindScalar(kind === "bool" ? Number(x !== 0) : x, kind);
}

export const isScalar = (x: unknown): x is Scalar => typeof x === "number" || typeof x === "boolean" || x instanceof KindScalar;
export const scalarValue = (x: Scalar): number => (x instanceof KindScalar ? x.value : Number(x));

/** The dtype that stands for a scalar in promotion. */
export function scalarDType(x: Scalar): DType {
  if (x instanceof KindScalar) return x.kind === "bool" ? "bool" : x.kind === "int" ? "i32" : "f32";
  return typeof x === "boolean" ? "bool" : Number.isInteger(x) ? "i32" : "f32";
}

/** The value of a scalar as an element of a dtype. A value that the dtype cannot hold is an error, not a wrapped number. */
export function scalarAs(x: Scalar, dtype: DType): number {
  const value = scalarValue(x);
  if (isFloat(dtype)) return value;
  if (dtype === "bool") return Number(value !== 0);
  const whole = Math.trunc(value);
  if (!(whole >= lowest[dtype] && whole <= highest[dtype]))
    throw new GraphError(`${value} does not fit in ${dtype} (${lowest[dtype]} to ${highest[dtype]})`, "convert the tensor first, with .convert(dtype)");
  return whole;
}
