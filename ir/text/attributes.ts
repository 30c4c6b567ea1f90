import { convLeading, type AttrsOf, type StructuralName } from "../ops/index.ts";
import { arrayType, type Dim, type DType, type TensorType, type TypedArray } from "../types/index.ts";
import { listText, numberText } from "./number.ts";
import type { Scanner } from "./scanner.ts";

/** What the text says about a node besides its attributes: its types, and its operands in their brackets. */
export interface Context {
  readonly types: readonly TensorType[];
  readonly groups: readonly number[];
}

/** How one attribute is written and read. */
export interface Attribute<T> {
  /** Its text, or undefined where it is left out. */
  write(value: T, type: TensorType, maxElements?: number): string | undefined;
  /** Reads what `write` wrote; the value comes once the rest of the line is known. */
  read(s: Scanner): (c: Context) => T;
  /** The value where the text leaves it out; absent where it may not. */
  implied?(c: Context): T;
  /** Written after the operands, instead of in braces as `name = value`. */
  readonly bare?: true;
}

const plain = <T>(write: (value: T) => string, read: (s: Scanner) => T): Attribute<T> => ({
  write,
  read(s) { const value = read(s); return () => value; },
});
const optional = <T>(field: Attribute<T>, isImplied: (value: T) => boolean, implied: (c: Context) => T): Attribute<T> => ({
  ...field,
  write: (value, type) => (isImplied(value) ? undefined : field.write(value, type)),
  implied,
});
/** An attribute that the rest of the line already says. */
const implied = <T>(from: (c: Context) => T): Attribute<T> => ({
  write: () => undefined,
  read: (s) => s.fail("this attribute follows from the rest of the line: leave it out"),
  implied: from,
});

const integer = plain<number>(String, (s) => s.integer());
const integers = plain<readonly number[]>((v) => `[${v.join(",")}]`, (s) => s.list("[", () => s.integer(), "]"));
/** One number for each axis after the first `leading`, left out where all are `n`. */
const allOf = (n: number, leading = 0) => optional(integers, (v) => v.every((x) => x === n), (c) => c.types[0].shape.slice(leading).map(() => n));
const dim = plain<Dim>(String, (s) => s.dim());
const dims = plain<readonly Dim[]>((v) => `[${v.join(",")}]`, (s) => s.list("[", () => s.dim(), "]"));
/** One dimension for each axis after the first `leading`, left out where all are 0. */
const noneOf = (leading = 0) => optional(dims, (v) => v.every((x) => x === 0), (c) => c.types[0].shape.slice(leading).map((): Dim => 0));
const flag = optional(plain<boolean>(String, (s) => {
  s.expect("true");
  return true;
}), (v) => !v, () => false);
const text = plain<string>((v) => JSON.stringify(v), (s) => s.name());
const oneOf = <T extends string>(...words: readonly T[]) => plain<T>(String, (s) => {
  const at = s.location, word = s.word();
  return words.find((w) => w === word) ?? s.fail(`expected one of ${words.join(", ")}, found "${word}"`, at);
});
type Pairs = readonly (readonly [number, number])[];
/** `[1,2]x[0,1]`: axis 1 with 0, axis 2 with 1. */
const pairs = optional<Pairs>(plain((v) => `[${v.map((p) => p[0]).join(",")}]x[${v.map((p) => p[1]).join(",")}]`, (s) => {
  const left = s.list("[", () => s.integer(), "]");
  s.expect("x");
  const right = s.list("[", () => s.integer(), "]");
  if (left.length !== right.length) s.fail(`${left.length} axes cannot be paired with ${right.length}`);
  return left.map((l, i) => [l, right[i]] as const);
}), (v) => v.length === 0, () => []);

const resultDType = implied<DType>((c) => c.types[0].dtype);
const resultShape = implied<readonly Dim[]>((c) => c.types[0].shape);
const resultType = implied<TensorType>((c) => c.types[0]);
const groupSize = (i: number) => implied<number>((c) => c.groups[i]);

const data: Attribute<number | TypedArray> = {
  bare: true,
  write: (value, { dtype }, most) => (typeof value === "number" ? numberText(dtype, value) : listText(dtype, value, most)),
  read(s) {
    if (!s.sees("[")) { const value = s.number(); return () => value; }
    const elements = s.list("[", () => s.number(), "]");
    return (c) => arrayType[c.types[0].dtype].from(elements);
  },
};

/** The attributes of windows over all axes. */
const windows = { window: integers, stride: allOf(1), low: noneOf(), high: noneOf(), baseDilation: allOf(1), windowDilation: allOf(1) };

/**
 * The attributes of every op that has any, in the order they are written. An attribute without an entry does
 * not compile.
 */
export const attributes: { readonly [K in StructuralName]: { readonly [F in keyof AttrsOf<K>]-?: Attribute<AttrsOf<K>[F]> } } = {
  input: { name: text, type: resultType },
  variable: { name: text, type: resultType },
  parameter: { index: integer, type: resultType },
  constant: { dtype: resultDType, shape: resultShape, data },
  iota: { dtype: resultDType, shape: resultShape, axis: integer },
  dimension: { size: { ...dim, bare: true } },
  select: {},
  convert: { dtype: resultDType },
  reshape: { shape: resultShape },
  transpose: { perm: integers },
  broadcast: { shape: resultShape, axes: integers },
  slice: { start: dims, limit: dims, step: allOf(1) },
  pad: { low: dims, high: dims, interior: allOf(0) },
  concat: { axis: integer },
  reverse: { axes: integers },
  barrier: {},
  reduce: { reducer: oneOf("sum", "prod", "max", "min", "any", "all"), axes: integers },
  argReduce: { reducer: oneOf("max", "min"), axis: integer },
  dot: { batch: pairs, contract: pairs },
  conv: { stride: allOf(1, convLeading), low: noneOf(convLeading), high: noneOf(convLeading), lhsDilation: allOf(1, convLeading), rhsDilation: allOf(1, convLeading) },
  reduceWindow: { reducer: oneOf("sum", "max", "min"), ...windows },
  argReduceWindow: { reducer: oneOf("max", "min"), ...windows },
  unpool: { shape: resultShape, ...windows },
  gather: { axes: integers, batch: pairs },
  scatter: { reducer: oneOf("set", "sum", "prod", "max", "min"), axes: integers, batch: pairs },
  cumulative: { reducer: oneOf("sum", "prod", "max", "min"), axis: integer, reverse: flag },
  sort: { axis: integer, descending: flag },
  cond: {},
  while: { carries: groupSize(0), maxTrips: optional<Dim | null>(plain(String, (s) => s.dim()), (v) => v === null, () => null) },
  scan: { carries: groupSize(0), xs: groupSize(1), length: dim, reverse: flag },
  custom: { name: text },
  checkpoint: {},
  stopGradient: {},
  grad: {},
  vjp: { outputs: groupSize(0) },
  jvp: { outputs: groupSize(0) },
};

/** The attributes of an op, as a table without their types: for code that walks any op's. */
export function attributesOf(op: string): Readonly<Record<string, Attribute<unknown>>> {
  return (attributes as unknown as Record<string, Record<string, Attribute<unknown>>>)[op] ?? {};
}
