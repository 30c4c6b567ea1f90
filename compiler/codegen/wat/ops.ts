import type { ScalarName } from "../../../ir/ops/index.ts";
import type { MathType } from "../../../ir/types/index.ts";
import type { LibraryName } from "./library.ts";

/**
 * How scalar ops are spelled in WebAssembly, one number at a time and four at a time: as an instruction, as a few, or
 * as a call of a function of `library.ts`. What is not in these tables is a vector function of `math.ts`, or else the
 * op's own JavaScript, imported: exact and slow.
 */
export type Spelling = ((...operands: string[]) => string) | { readonly calls: LibraryName };
type Table = Partial<Record<ScalarName, Spelling>>;

const instruction = (name: string): Spelling => (...x) => `(${name} ${x.join(" ")})`;
const calls = (name: LibraryName): Spelling => ({ calls: name });

const float = (t: "f32" | "f64"): Table => ({
  add: instruction(`${t}.add`), sub: instruction(`${t}.sub`), mul: instruction(`${t}.mul`), div: instruction(`${t}.div`),
  // WebAssembly's min and max give NaN where either operand is NaN, as ours do
  maximum: instruction(`${t}.max`), minimum: instruction(`${t}.min`),
  neg: instruction(`${t}.neg`), abs: instruction(`${t}.abs`), sqrt: instruction(`${t}.sqrt`), sign: calls(`sign_${t}`),
  floor: instruction(`${t}.floor`), ceil: instruction(`${t}.ceil`), trunc: instruction(`${t}.trunc`), round: instruction(`${t}.nearest`),
  copysign: instruction(`${t}.copysign`),
  reciprocal: (x) => `(${t}.div (${t}.const 1) ${x})`,
  rsqrt: (x) => `(${t}.div (${t}.const 1) (${t}.sqrt ${x}))`,
  eq: instruction(`${t}.eq`), ne: instruction(`${t}.ne`), lt: instruction(`${t}.lt`), le: instruction(`${t}.le`), gt: instruction(`${t}.gt`), ge: instruction(`${t}.ge`),
  isNan: calls(`isNan_${t}`), isFinite: calls(`isFinite_${t}`),
});

const integer = (s: "s" | "u"): Table => {
  const type = s === "s" ? "i32" : "u32";
  return {
    add: instruction("i32.add"), sub: instruction("i32.sub"), mul: instruction("i32.mul"), div: calls(`div_${type}`),
    maximum: calls(`max_${type}`), minimum: calls(`min_${type}`),
    neg: (x) => `(i32.sub (i32.const 0) ${x})`,
    bitAnd: instruction("i32.and"), bitOr: instruction("i32.or"), bitXor: instruction("i32.xor"),
    bitNot: (x) => `(i32.xor ${x} (i32.const -1))`,
    logicalNot: instruction("i32.eqz"),
    eq: instruction("i32.eq"), ne: instruction("i32.ne"),
    lt: instruction(`i32.lt_${s}`), le: instruction(`i32.le_${s}`), gt: instruction(`i32.gt_${s}`), ge: instruction(`i32.ge_${s}`),
    ...(s === "u" && { threefry: calls("threefry") }),
  };
};

const scalars: Record<MathType, Table> = {
  f32: { ...float("f32"), roundF16: calls("roundF16"), roundBF16: calls("roundBF16") }, f64: float("f64"), i32: integer("s"), u32: integer("u"), u8: integer("u"), bool: integer("u"),
};

/** An op on one element of a dtype. What it gives on u8 is yet to be wrapped. */
export const scalarSpelling = (op: ScalarName, dtype: MathType): Spelling | undefined => scalars[dtype][op];

const one = "(v128.const f32x4 1 1 1 1)";
const floats: Table = {
  add: instruction("f32x4.add"), sub: instruction("f32x4.sub"), mul: instruction("f32x4.mul"), div: instruction("f32x4.div"),
  maximum: instruction("f32x4.max"), minimum: instruction("f32x4.min"),
  neg: instruction("f32x4.neg"), abs: instruction("f32x4.abs"), sqrt: instruction("f32x4.sqrt"), sign: calls("sign_f32x4"),
  floor: instruction("f32x4.floor"), ceil: instruction("f32x4.ceil"), trunc: instruction("f32x4.trunc"), round: instruction("f32x4.nearest"),
  reciprocal: (x) => `(f32x4.div ${one} ${x})`,
  rsqrt: (x) => `(f32x4.div ${one} (f32x4.sqrt ${x}))`,
  copysign: (x, y) => `(v128.bitselect ${x} ${y} (v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff))`,
  eq: instruction("f32x4.eq"), ne: instruction("f32x4.ne"), lt: instruction("f32x4.lt"), le: instruction("f32x4.le"), gt: instruction("f32x4.gt"), ge: instruction("f32x4.ge"),
  isNan: calls("isNan_f32x4"), isFinite: calls("isFinite_f32x4"),
  roundF16: calls("roundF16x4"), roundBF16: calls("roundBF16x4"),
};
const integers = (s: "s" | "u"): Table => ({
  add: instruction("i32x4.add"), sub: instruction("i32x4.sub"), mul: instruction("i32x4.mul"), neg: instruction("i32x4.neg"),
  maximum: instruction(`i32x4.max_${s}`), minimum: instruction(`i32x4.min_${s}`),
  bitAnd: instruction("v128.and"), bitOr: instruction("v128.or"), bitXor: instruction("v128.xor"), bitNot: instruction("v128.not"),
  eq: instruction("i32x4.eq"), ne: instruction("i32x4.ne"),
  lt: instruction(`i32x4.lt_${s}`), le: instruction(`i32x4.le_${s}`), gt: instruction(`i32x4.gt_${s}`), ge: instruction(`i32x4.ge_${s}`),
  ...(s === "u" ? { threefry: calls("threefry_x4") } : { abs: instruction("i32x4.abs") }),
});
const masks: Table = {
  bitAnd: instruction("v128.and"), bitOr: instruction("v128.or"), bitXor: instruction("v128.xor"), logicalNot: instruction("v128.not"),
  maximum: instruction("v128.or"), minimum: instruction("v128.and"),
  eq: instruction("i32x4.eq"), ne: instruction("i32x4.ne"),
  // true is −1 in a mask
  lt: instruction("i32x4.gt_s"), le: instruction("i32x4.ge_s"), gt: instruction("i32x4.lt_s"), ge: instruction("i32x4.le_s"),
};
const vectors: Record<MathType, Table> = { f32: floats, f64: {}, i32: integers("s"), u32: integers("u"), u8: integers("u"), bool: masks };

/** An op on four elements of a dtype. What it gives on u8 is yet to be wrapped. */
export const vectorSpelling = (op: ScalarName, dtype: MathType): Spelling | undefined => vectors[dtype][op];
