import type { FunctionSpec, ValueSpec } from "./manifest.ts";
import { suggest } from "./suggest.ts";
import { arrayTypes, codecs, sizeOf, typeText } from "./tensor.ts";
import type { DType, Inputs, TypedArray } from "./types.ts";

/** An argument as elements; a flat typed array does not say its shape. */
export interface Arrived {
  readonly data: TypedArray;
  readonly shape: readonly number[] | undefined;
}

/** Range of the integer dtypes. */
const range: Partial<Record<DType, readonly [number, number]>> = { bool: [0, 1], u8: [0, 255], i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] };

/**
 * Takes what a caller gave for `spec`: a typed array, nested arrays or a tensor. Throws where dtype or elements do
 * not fit; the shape is checked later, against all inputs at once.
 */
export function readInput(spec: ValueSpec, value: unknown): Arrived {
  const expected = `${spec.name} is ${typeText(spec.dtype, spec.shape)}`;
  if (isTensor(value)) {
    if (value.dtype !== spec.dtype) throw new Error(`${expected}, not ${String(value.dtype)}: convert it first`);
    const data = readArray(spec, value.data, expected);
    const shape = Array.from(value.shape as ArrayLike<number>);
    if (sizeOf(shape) !== data.length) throw new Error(`${spec.name}: a tensor of shape [${shape.join(",")}] cannot have ${data.length} elements`);
    return { data, shape };
  }
  if (ArrayBuffer.isView(value)) return { data: readArray(spec, value, expected), shape: undefined };
  return readNested(spec, value, expected);
}

const isTensor = (value: unknown): value is { dtype: unknown; shape: unknown; data: unknown } =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;

export const className = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

function readArray(spec: ValueSpec, value: unknown, expected: string): TypedArray {
  const want = arrayTypes[spec.dtype].name;
  const taken = codecs[spec.dtype]?.take(value);
  if (taken) return taken;
  if (className(value) !== want) throw new Error(`${expected} and takes ${article(want)}, not ${article(className(value))}`);
  const data = value as TypedArray;
  if (spec.dtype === "bool") {
    const bad = data.findIndex((x: number) => x > 1);
    if (bad >= 0) throw new Error(`${expected}: element ${bad} is ${data[bad]}; a bool is 0 or 1`);
  }
  return data;
}

export const article = (name: string): string => `${/^[AEIOU](?!int)/.test(name) ? "an" : "a"} ${name}`;

/** Numbers, booleans, and arrays of them (typed ones too), as deep as they go. */
function readNested(spec: ValueSpec, value: unknown, expected: string): Arrived {
  const shape: number[] = [];
  for (let x = value; isList(x); x = x[0]) shape.push(x.length);
  const data = new arrayTypes[spec.dtype](sizeOf(shape)), codec = codecs[spec.dtype];
  let end = 0;
  const fill = (x: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      const element = readElement(spec, x, path, expected);
      data[end++] = codec ? codec.bitsOf(element) : element;
      return;
    }
    if (!isList(x) || x.length !== shape[axis])
      throw new Error(`${expected}: ${path} has ${isList(x) ? `${x.length} elements` : "no elements"} where ${spec.name}${"[0]".repeat(axis)} has ${shape[axis]}`);
    for (let i = 0; i < x.length; i++) fill(x[i], axis + 1, `${path}[${i}]`);
  };
  fill(value, 0, spec.name);
  return { data, shape };
}

const isList = (x: unknown): x is ArrayLike<unknown> => Array.isArray(x) || ArrayBuffer.isView(x);

function readElement(spec: ValueSpec, x: unknown, path: string, expected: string): number {
  const n = typeof x === "boolean" ? Number(x) : x;
  const limits = range[spec.dtype];
  if (typeof n === "number" && (!limits || (Number.isInteger(n) && n >= limits[0] && n <= limits[1]))) return n;
  throw new Error(`${expected}: ${path} is ${isList(x) ? "an array" : typeof x === "string" ? JSON.stringify(x) : String(x)}, which ${spec.dtype} cannot hold`);
}

/** Throws where inputs are not exactly those that a function takes. */
export function checkNames({ inputs }: Pick<FunctionSpec, "inputs">, given: Inputs): void {
  const names = inputs.map((x) => x.name);
  const takes = names.length > 0 ? `it takes ${names.join(", ")}` : "it takes none";
  if (typeof given !== "object" || given === null) throw new Error(`inputs are an object of named tensors, not ${String(given)}; ${takes}`);
  for (const name of Object.keys(given))
    if (!names.includes(name)) throw new Error(`there is no input "${name}"${suggest(name, names.filter((n) => !(n in given)))} (${takes})`);
  for (const name of names)
    if (given[name] === undefined) throw new Error(`input "${name}" is missing; ${takes}`);
}
