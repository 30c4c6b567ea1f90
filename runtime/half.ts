import { readSafetensors as read } from "./safetensors.ts";
import { codecs, type Codec } from "./tensor.ts";

/** Codec of a float of 16 bits with so many digits after the point; `bias` is what its exponent is stored with. */
function codecOf(digits: number, bias: number, like: string): Codec {
  const top = 0x7fff >> digits, step = 2 ** digits;
  const numberOf = (bits: number): number => {
    const exponent = (bits & 0x7fff) >> digits, fraction = bits % step;
    const size = exponent === top ? (fraction ? NaN : Infinity) : (exponent ? fraction + step : 2 * fraction) * 2 ** (exponent - bias - digits);
    return bits & 0x8000 ? -size : size;
  };
  const bitsOf = (x: number): number => {
    const near = Math.fround(x), sign = near < 0 || Object.is(near, -0) ? 0x8000 : 0, size = Math.abs(near);
    if (!(size < Infinity)) return (sign + top * step) | (size === Infinity ? 0 : step / 2);
    const exponent = Math.max(Math.floor(Math.log2(size)), 1 - bias), steps = size / 2 ** (exponent - digits), down = Math.floor(steps);
    // to the nearest, of two to the even one; a carry goes on into the exponent, and past the largest to infinity
    const whole = down + Number(steps - down > 0.5 || (steps - down === 0.5 && down % 2 === 1));
    return sign + Math.min((exponent + bias - 1) * step + whole, top * step);
  };
  const take = (value: unknown): Uint16Array | undefined => {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    if (name === "Float32Array" || name === "Float64Array") return Uint16Array.from(value as Float32Array, bitsOf);
    const { buffer, byteOffset, length } = value as Uint16Array;
    return name === like ? new Uint16Array(buffer, byteOffset, length) : undefined;
  };
  return { numberOf, bitsOf, take };
}

/** The tensors of a safetensors file, as copies; of F16 and BF16 too. Throws where the file is damaged or has a dtype that no variable has. */
export function readSafetensors(...[file, what]: Parameters<typeof read>): ReturnType<typeof read> {
  halves();
  return read(file, what);
}

/** Brings f16 and bf16: the loader of an artifact that has them calls it. */
export function halves(): void {
  codecs.f16 ??= codecOf(10, 15, "Float16Array");
  codecs.bf16 ??= codecOf(7, 127, "");
}
