import type { ScalarName } from "../../../ir/ops/index.ts";
import type { DType } from "../../../ir/types/index.ts";

/**
 * How scalar ops are spelled in WebAssembly, one number at a time and four at a time. What is not in these tables
 * is a call: to a vector function of `math.ts`, or to the op's own JavaScript, which is exact and slow.
 */

/** WebAssembly type of one element in a register. Bools are 0 and 1. */
export type WasmType = "i32" | "f32" | "f64";
export const wasmType: Record<DType, WasmType> = { f32: "f32", f64: "f64", i32: "i32", u32: "i32", u8: "i32", bool: "i32" };

type Template = (...operands: string[]) => string;

/** Instructions on operands of one WebAssembly type, in operand order. */
const inOrder = (instruction: string): Template => (...x) => `(${instruction} ${x.join(" ")})`;

const float = (t: "f32" | "f64"): Partial<Record<ScalarName, Template>> => ({
  add: inOrder(`${t}.add`), sub: inOrder(`${t}.sub`), mul: inOrder(`${t}.mul`), div: inOrder(`${t}.div`),
  // WebAssembly's min and max give NaN where either operand is NaN, as ours do
  maximum: inOrder(`${t}.max`), minimum: inOrder(`${t}.min`),
  neg: inOrder(`${t}.neg`), abs: inOrder(`${t}.abs`), sqrt: inOrder(`${t}.sqrt`),
  floor: inOrder(`${t}.floor`), ceil: inOrder(`${t}.ceil`), trunc: inOrder(`${t}.trunc`), round: inOrder(`${t}.nearest`),
  copysign: inOrder(`${t}.copysign`),
  reciprocal: (x) => `(${t}.div (${t}.const 1) ${x})`,
  rsqrt: (x) => `(${t}.div (${t}.const 1) (${t}.sqrt ${x}))`,
  eq: inOrder(`${t}.eq`), ne: inOrder(`${t}.ne`), lt: inOrder(`${t}.lt`), le: inOrder(`${t}.le`), gt: inOrder(`${t}.gt`), ge: inOrder(`${t}.ge`),
});

const integer = (signed: boolean): Partial<Record<ScalarName, Template>> => {
  const s = signed ? "s" : "u";
  return {
    add: inOrder("i32.add"), sub: inOrder("i32.sub"), mul: inOrder("i32.mul"),
    neg: (x) => `(i32.sub (i32.const 0) ${x})`,
    bitAnd: inOrder("i32.and"), bitOr: inOrder("i32.or"), bitXor: inOrder("i32.xor"),
    bitNot: (x) => `(i32.xor ${x} (i32.const -1))`,
    logicalNot: (x) => `(i32.eqz ${x})`,
    eq: inOrder("i32.eq"), ne: inOrder("i32.ne"),
    lt: inOrder(`i32.lt_${s}`), le: inOrder(`i32.le_${s}`), gt: inOrder(`i32.gt_${s}`), ge: inOrder(`i32.ge_${s}`),
  };
};

const scalars: Record<DType, Partial<Record<ScalarName, Template>>> = {
  f32: float("f32"), f64: float("f64"), i32: integer(true), u32: integer(false), u8: integer(false), bool: integer(false),
};

/** An op on one element of a dtype, or undefined where WebAssembly has no instruction for it. */
export const scalarTemplate = (op: ScalarName, dtype: DType): Template | undefined => scalars[dtype][op];

/** Functions of `math.ts` that give an f32 op on four lanes. */
export const vectorFunctions: Partial<Record<ScalarName, string>> = {
  exp: "exp", log: "log", tanh: "tanh", sigmoid: "sigmoid", erf: "erf", expm1: "expm1", log1p: "log1p", softplus: "softplus", sin: "sin", cos: "cos",
};

const one = "(v128.const f32x4 1 1 1 1)";
const floats: Partial<Record<ScalarName, Template>> = {
  add: inOrder("f32x4.add"), sub: inOrder("f32x4.sub"), mul: inOrder("f32x4.mul"), div: inOrder("f32x4.div"),
  maximum: inOrder("f32x4.max"), minimum: inOrder("f32x4.min"),
  neg: inOrder("f32x4.neg"), abs: inOrder("f32x4.abs"), sqrt: inOrder("f32x4.sqrt"),
  floor: inOrder("f32x4.floor"), ceil: inOrder("f32x4.ceil"), trunc: inOrder("f32x4.trunc"), round: inOrder("f32x4.nearest"),
  reciprocal: (x) => `(f32x4.div ${one} ${x})`,
  rsqrt: (x) => `(f32x4.div ${one} (f32x4.sqrt ${x}))`,
  copysign: (x, y) => `(v128.bitselect ${x} ${y} (v128.const i32x4 0x7fffffff 0x7fffffff 0x7fffffff 0x7fffffff))`,
  eq: inOrder("f32x4.eq"), ne: inOrder("f32x4.ne"), lt: inOrder("f32x4.lt"), le: inOrder("f32x4.le"), gt: inOrder("f32x4.gt"), ge: inOrder("f32x4.ge"),
};
const integers = (signed: boolean): Partial<Record<ScalarName, Template>> => {
  const s = signed ? "s" : "u";
  return {
    add: inOrder("i32x4.add"), sub: inOrder("i32x4.sub"), mul: inOrder("i32x4.mul"), neg: inOrder("i32x4.neg"),
    bitAnd: inOrder("v128.and"), bitOr: inOrder("v128.or"), bitXor: inOrder("v128.xor"), bitNot: inOrder("v128.not"),
    eq: inOrder("i32x4.eq"), ne: inOrder("i32x4.ne"),
    lt: inOrder(`i32x4.lt_${s}`), le: inOrder(`i32x4.le_${s}`), gt: inOrder(`i32x4.gt_${s}`), ge: inOrder(`i32x4.ge_${s}`),
  };
};
/** Bools in vectors are masks: all ones or all zeros. */
const masks: Partial<Record<ScalarName, Template>> = {
  bitAnd: inOrder("v128.and"), bitOr: inOrder("v128.or"), bitXor: inOrder("v128.xor"), logicalNot: inOrder("v128.not"),
  eq: inOrder("i32x4.eq"), ne: inOrder("i32x4.ne"),
};

/** An op on four elements of a dtype, or undefined where it takes a call. u8 has no lanes of its own and wraps late. */
export function vectorTemplate(op: ScalarName, dtype: DType): Template | undefined {
  switch (dtype) {
    case "f32": return floats[op];
    case "i32": return integers(true)[op];
    case "u32": return integers(false)[op];
    case "bool": return masks[op];
    default: return undefined;
  }
}
