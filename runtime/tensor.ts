import type { ArrayTypes, AnyNested, DType, Nested, Tensor, TypedArray } from "./types.ts";

/** In the order in which the compiler numbers the dtypes: WebAssembly names one by its number. */
export const arrayTypes = { bool: Uint8Array, u8: Uint8Array, i32: Int32Array, u32: Uint32Array, f16: Uint16Array, bf16: Uint16Array, f32: Float32Array, f64: Float64Array };

/** How the numbers of a dtype become elements and back, where its elements are bits. */
export interface Codec {
  numberOf(bits: number): number;
  bitsOf(x: number): number;
  /** Elements of another array that has numbers, or the same bits under another name. */
  take(value: unknown): TypedArray | undefined;
}
/** Those of the dtypes that need one, where an artifact has brought them (half.ts). */
export const codecs: Partial<Record<DType, Codec>> = {};

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** `f32[32,64]`. */
export const typeText = (dtype: DType, shape: readonly (number | string)[]): string => `${dtype}[${shape.join(",")}]`;

/** A tensor of zeros, in a view that `room` says (it may be another later), or an array of its own. */
export function makeBuffer<D extends DType, const S extends readonly number[]>(dtype: D, shape: S, room?: (size: number) => (() => TypedArray) | undefined): Tensor<D, S> {
  if (!(dtype in arrayTypes && Array.isArray(shape) && shape.every((d) => d >= 0 && d % 1 === 0))) throw new Error(`there is no buffer of ${String(dtype)}${JSON.stringify(shape)}: give one of ${Object.keys(arrayTypes).join(", ")}, and sizes`);
  const size = sizeOf(shape), view = room?.(size);
  const tensor = new HostTensor(dtype, shape, (view?.() ?? new arrayTypes[dtype](size)) as ArrayTypes[D]);
  return view ? Object.defineProperty(tensor, "data", { get: view }) : tensor;
}

/** Elements on the host, in row-major order. */
export class HostTensor<D extends DType = DType, S extends readonly number[] = readonly number[]> implements Tensor<D, S> {
  readonly dtype: D;
  readonly shape: S;
  readonly data: ArrayTypes[D];

  constructor(dtype: D, shape: S, data: ArrayTypes[D]) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  item(): number {
    if (this.data.length !== 1) throw new Error(`item() needs a tensor of one element; this is ${typeText(this.dtype, this.shape)}`);
    return this.numbers()[0];
  }

  toNested(): Nested<S> {
    const data = this.numbers();
    let at = 0;
    const nest = (axis: number): AnyNested => (axis === this.shape.length ? data[at++] : Array.from({ length: this.shape[axis] }, () => nest(axis + 1)));
    return nest(0) as Nested<S>;
  }

  toFloat32(): Float32Array { return Float32Array.from(this.numbers()); }

  /** The elements as numbers. */
  private numbers(): ArrayLike<number> {
    const codec = codecs[this.dtype];
    return codec ? Array.from(this.data, codec.numberOf) : this.data;
  }
}
