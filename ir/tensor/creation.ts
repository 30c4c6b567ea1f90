import { check } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import { arrayType, dims, dtypes, isDType, isFloat, isHalf, type Dim, type DType, type TypedArray } from "../types/index.ts";
import * as values from "./broadcast.ts";
import { wrap, type Tensor } from "./core.ts";
import { iota, sizeValue } from "./dims.ts";
import { convert } from "./lift.ts";
import { scalarAs, scalarDType, type KindScalar, type Scalar } from "./scalar.ts";
import type { IsWhole } from "./types/arithmetic.ts";
import type { DTypeOf } from "./types/check.ts";

/**
 * Tensors made of nothing: constants and sequences. Sizes may be symbolic. (`NoInfer` keeps a default dtype where the
 * tensor is an argument of something that takes any.)
 */

/** Throws unless every entry is a size, and gives them in canonical form. */
function sizes(shape: readonly Dim[], name: string): Dim[] {
  for (const d of shape) check(typeof d === "string" || (Number.isInteger(d) && d >= 0), () => `${name}: ${d} in [${shape.join(",")}] is not a size`);
  return shape.map(dims.dim);
}

/** Zeros, f32 unless said otherwise. PyTorch: `torch.zeros`. */
export function zeros<const S extends readonly Dim[], D extends DType = "f32">(shape: S, dtype?: D): Tensor<[...S], NoInfer<D>>;
export function zeros(shape: readonly Dim[], dtype: DType = "f32"): Tensor { return filled(shape, 0, dtype, "zeros"); }

/** Ones, f32 unless said otherwise. PyTorch: `torch.ones`. */
export function ones<const S extends readonly Dim[], D extends DType = "f32">(shape: S, dtype?: D): Tensor<[...S], NoInfer<D>>;
export function ones(shape: readonly Dim[], dtype: DType = "f32"): Tensor { return filled(shape, 1, dtype, "ones"); }

/**
 * One number everywhere. Without a dtype that of the number's kind: bool, i32 for a whole number, f32 for others. A
 * fraction for an integer dtype is cut to its whole part. PyTorch: `torch.full`.
 */
export function full<const S extends readonly Dim[], const V extends Scalar, D extends DType = DTypeOf<V>>(
  shape: S, value: V, dtype?: D,
): Tensor<[...S], NoInfer<D>>;
export function full(shape: readonly Dim[], value: Scalar, dtype: DType = scalarDType(value)): Tensor { return filled(shape, value, dtype, "full"); }

function filled(shape: readonly Dim[], value: Scalar, dtype: DType, name: string): Tensor {
  check(isDType(dtype), () => `${name}: ${JSON.stringify(dtype)} is not a dtype`, `the dtypes are ${dtypes.join(", ")}`);
  return wrap(values.full(scalarAs(value, dtype), dtype, sizes(shape, name)));
}

/** Nested arrays of numbers and booleans. */
export type NestedData = number | boolean | readonly NestedData[];
type DataShape<T> =
  T extends readonly (infer E)[]
    ? number extends T["length"] ? [number, ...DataShape<E>] : T extends readonly [infer H, ...unknown[]] ? [T["length"], ...DataShape<H>] : [0]
    : [];
type TypedDType<T> =
  T extends Float32Array ? "f32" : T extends Float64Array ? "f64" : T extends Int32Array ? "i32" : T extends Uint32Array ? "u32"
  : T extends Uint8Array ? "u8" : DType;

/**
 * A constant tensor of given data: a number, nested arrays of one shape, or a typed array (a vector).
 *
 * Without a dtype it is that of the data: of a typed array its own; bool where all are booleans; i32 where all are
 * whole numbers (JavaScript cannot tell 2.0 from 2), else f32. PyTorch: `torch.tensor`.
 *
 * @throws GraphError on ragged arrays, and on a number that the dtype cannot hold.
 */
export function tensor<T extends TypedArray, D extends DType = TypedDType<T>>(data: T, dtype?: D): Tensor<[number], NoInfer<D>>;
export function tensor<const T extends NestedData, D extends DType = DType>(data: T, dtype?: D): Tensor<DataShape<T>, NoInfer<D>>;
export function tensor(data: NestedData | TypedArray, dtype?: DType): Tensor {
  if (ArrayBuffer.isView(data)) {
    const own = (Object.keys(arrayType) as DType[]).find((d) => d !== "bool" && data instanceof arrayType[d]);
    check(own !== undefined, "tensor: the typed array has no dtype here", "use a Float32Array, Float64Array, Int32Array, Uint32Array or Uint8Array");
    return constant(Array.from(data), dtype ?? own, [data.length]);
  }
  const shape: number[] = [];
  for (let d: NestedData = data; typeof d === "object"; d = d[0]) {
    check(Array.isArray(d), "tensor: the data are neither numbers nor arrays of numbers");
    shape.push(d.length);
    if (d.length === 0) break;
  }
  const flat: (number | boolean)[] = [];
  const collect = (d: NestedData, axis: number): void => {
    const isElement = typeof d === "number" || typeof d === "boolean";
    check(isElement === (axis === shape.length) && (isElement || d.length === shape[axis]), () =>
      `tensor: the arrays are ragged; [${shape.join(",")}] by their first elements, and not by others`);
    if (isElement) flat.push(d);
    else for (const e of d) collect(e, axis + 1);
  };
  collect(data, 0);
  const kinds = flat.map(scalarDType);
  return constant(flat.map(Number), dtype ?? (kinds.includes("f32") || kinds.length === 0 ? "f32" : kinds.includes("i32") ? "i32" : "bool"), shape);
}

/** Known elements, in row-major order. */
export function constant(data: readonly number[], dtype: DType, shape: readonly number[]): Tensor {
  check(isDType(dtype), () => `tensor: ${JSON.stringify(dtype)} is not a dtype`);
  const elements = arrayType[dtype].from(data.map((x) => scalarAs(x, dtype)));
  return wrap(emitOne("constant", [], { dtype, shape, data: elements }));
}

/** Type of a sequence without a dtype: f32 as soon as one number has a fraction. */
const sequenceDType = (...numbers: readonly (Dim | KindScalar)[]): DType =>
  numbers.some((x) => typeof x !== "string" && scalarDType(x) === "f32") ? "f32" : "i32";

/** How many whole numbers there are below `N`. */
type CountTo<N extends Dim> = N extends number ? (IsWhole<N> extends true ? N : number) : N;

/**
 * `start, start + step, …` below `end`: `arange(n)` counts from 0. Start and end may be symbolic; then the step is
 * a whole number. Without a dtype i32, or f32 where a number has a fraction. PyTorch: `torch.arange`.
 */
export function arange<const N extends Dim>(end: N): Tensor<[CountTo<N>], N extends number ? DTypeOf<N> : "i32">;
export function arange<D extends DType>(end: Dim, options: { readonly dtype: D }): Tensor<[Dim], D>;
export function arange<D extends DType = DType>(start: Dim, end: Dim, step?: number, dtype?: D): Tensor<[Dim], D>;
export function arange(first: Dim, second?: Dim | { readonly dtype: DType }, step = 1, dtype?: DType): Tensor {
  const [start, end] = second === undefined || typeof second === "object" ? [0, first] : [first, second];
  const to = typeof second === "object" ? second.dtype : (dtype ?? sequenceDType(start, end, step));
  check(Number.isFinite(step) && step !== 0, () => `arange from ${start} to ${end} by ${step}: the step is a number other than 0`);
  const size = sequenceLength(start, end, step);
  const counts = convert(iota([size], 0), to);
  const scaled = step === 1 ? counts : counts.mul(step);
  return start === 0 ? scaled : typeof start === "number" ? scaled.add(start) : scaled.add(sizeValue(start).convert(to));
}

function sequenceLength(start: Dim, end: Dim, step: number): Dim {
  if (typeof start === "number" && typeof end === "number") {
    const length = Math.ceil((end - start) / step);
    check(length >= 0, () => `arange from ${start} to ${end} by ${step} never arrives`, "the sign of the step must lead from start to end");
    return length;
  }
  check(Number.isInteger(step), () => `arange from ${start} to ${end} by ${step}: with symbolic bounds the step is a whole number`);
  const span = step > 0 ? dims.sub(end, start) : dims.sub(start, end);
  check(dims.atLeast(span, 0) === true, () => `arange from ${start} to ${end} by ${step}: the end may lie before the start for some value of the symbols`);
  return dims.ceilDiv(span, Math.abs(step));
}

/** `steps` numbers from `start` to `end`, evenly apart, both ends exact. f32 unless said otherwise. PyTorch: `torch.linspace`. */
export function linspace<const N extends Dim, D extends DType = "f32">(start: number, end: number, steps: N, dtype?: D): Tensor<[N], NoInfer<D>>;
export function linspace(start: number, end: number, steps: Dim, dtype: DType = "f32"): Tensor {
  const [size] = sizes([steps], "linspace");
  check(isFloat(dtype), () => `linspace of ${dtype}: it takes a float`);
  if (isHalf(dtype)) return convert(linspace(start, end, steps), dtype);
  if (size === 1 || size === 0) return full([size], start, dtype);
  const place = convert(iota([size], 0), dtype);
  // from the nearer end, so that both are exact
  const last = typeof size === "number" ? size - 1 : sizeValue(dims.sub(size, 1)).convert(dtype);
  const fromEnd = place.rsub(last);
  const step = typeof last === "number" ? (end - start) / last : full([], end - start, dtype).div(last.maximum(1));
  return place.le(fromEnd).where(place.mul(step).add(start), fromEnd.mul(step).rsub(end));
}

/** `base` to the powers of {@link linspace}. f32 unless said otherwise. PyTorch: `torch.logspace`. */
export function logspace<const N extends Dim, D extends DType = "f32">(start: number, end: number, steps: N, base?: number, dtype?: D): Tensor<[N], NoInfer<D>>;
export function logspace(start: number, end: number, steps: Dim, base = 10, dtype: DType = "f32"): Tensor {
  return linspace(start, end, steps, dtype).rpow(base);
}

/** Ones on the main diagonal, zeros elsewhere; square unless `columns` are given. f32 unless said otherwise. PyTorch: `torch.eye`. */
export function eye<const N extends Dim, const M extends Dim = N, D extends DType = "f32">(rows: N, columns?: M, dtype?: D): Tensor<[N, M], NoInfer<D>>;
export function eye(rows: Dim, columns: Dim = rows, dtype: DType = "f32"): Tensor {
  const shape = sizes([rows, columns], "eye");
  return convert(iota(shape, 0).eq(iota(shape, 1)), dtype);
}

/** Rows and columns of the elements of a lower triangle, as `[2, n]`. PyTorch: `torch.tril_indices`. */
export const trilIndices = (rows: number, columns: number, offset = 0): Tensor<Shape2, "i32"> => triangleIndices(rows, columns, (r, c) => c - r <= offset);
/** Rows and columns of the elements of an upper triangle, as `[2, n]`. PyTorch: `torch.triu_indices`. */
export const triuIndices = (rows: number, columns: number, offset = 0): Tensor<Shape2, "i32"> => triangleIndices(rows, columns, (r, c) => c - r >= offset);
type Shape2 = [2, number];

function triangleIndices(rows: number, columns: number, isIn: (row: number, column: number) => boolean): Tensor<Shape2, "i32"> {
  const places = Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns]).filter(([r, c]) => isIn(r, c));
  return constant([...places.map(([r]) => r), ...places.map(([, c]) => c)], "i32", [2, places.length]) as Tensor<Shape2, "i32">;
}

