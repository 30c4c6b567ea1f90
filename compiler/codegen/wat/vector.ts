import { byteSize, dims, isHalf, type MathType } from "../../../ir/types/index.ts";
import { combining } from "../../loops/combining.ts";
import type { Atom, Expr, Index, Stmt } from "../../loops/ir.ts";
import type { KernelContext } from "./context.ts";
import { applyOp, element, index, spell, tests } from "./element.ts";
import { multiplyAdd } from "./fused.ts";
import { numbersOf } from "./half.ts";
import { inlineMath, mathFunction } from "./math.ts";
import { vectorSpelling } from "./ops.ts";
import { address, plainAddress } from "./streams.ts";
import { keyOfLoad } from "./transposes.ts";
import { asLane, constantVector, extract, loadOf, numberType, shapeOf, splat, wrapVector } from "./types.ts";

/** Prints four elements of an expression, those of the lanes of the loop around. */
export function vector(cx: KernelContext, e: Expr): string {
  if (!cx.isVector(e)) return uniform(cx, e);
  switch (e.kind) {
    case "ref": return `(local.get ${cx.out.local(e.name, "v128")})`;
    case "load": return load(cx, e);
    case "index": {
      const data = e.dtype === "i32" ? soleData(e.index) : undefined;
      if (data) return data.note === undefined ? vector(cx, data.value) : `(call $${cx.module.library("check_x4")} ${vector(cx, data.value)} ${cx.size(data.size)} (i32.const ${cx.module.note(data.note)}))`;
      const offsets = cx.laneOffsets(e.index);
      if (!offsets || e.dtype === "bool") return byLanes(cx, e);
      const lanes = `(i32x4.add (i32x4.splat ${index(cx, e.index)}) (v128.const i32x4 ${offsets.join(" ")}))`;
      return convert(cx, "i32", e.dtype, lanes) ?? byLanes(cx, e);
    }
    case "scalar": return scalar(cx, e);
    case "select": return `(v128.bitselect ${vector(cx, e.a)} ${vector(cx, e.b)} ${vector(cx, e.pred)})`;
    case "convert": return convert(cx, e.arg.dtype, e.dtype, vector(cx, e.arg)) ?? byLanes(cx, e);
    case "guard": return guard(cx, e);
    default: return byLanes(cx, e);
  }
}

/** The data that an index is, and nothing else. */
function soleData({ terms, offset }: Index): Extract<Atom, { kind: "data" }> | undefined {
  if (terms.length !== 1 || offset !== 0) return undefined;
  const [{ atom, stride }] = terms;
  return stride === 1 && atom.kind === "data" ? atom : undefined;
}

/** One step of a fold, in each lane. */
export function foldVectors(cx: KernelContext, { reducer, dtype, value }: Extract<Stmt, { kind: "fold" }>, sum: string): string {
  if (reducer === "sum" && dtype === "f32" && value.kind === "scalar" && value.op === "mul") return multiplyAdd(vector(cx, value.args[0]), vector(cx, value.args[1]), sum);
  const spelling = vectorSpelling(combining[reducer], dtype) ?? cx.fail(`folds vectors of ${dtype} with ${reducer}`);
  return wrapVector(dtype, spell(cx, spelling, [sum, vector(cx, value)]));
}

/** The same element in every lane. What does not change in the innermost loop is made before it. */
function uniform(cx: KernelContext, e: Expr): string {
  if (e.kind === "const") return constantVector(e.dtype, e.value);
  const kept = e.kind === "load" ? cx.kernel.args[e.arg].dtype : undefined;
  if (e.kind === "load" && kept && isHalf(kept)) return numbersOf(cx, kept, `(i32x4.splat (${loadOf(kept)} ${address(cx, e.arg, e.index)}))`);
  if (e.kind === "load" && kept && byteSize[kept] === 4) return `(v128.load32_splat ${address(cx, e.arg, e.index)})`;
  if (e.kind === "ref" && cx.splats.has(e.name)) return `(local.get ${cx.out.local(e.name, "v128")})`;
  const text = splat(e.dtype, element(cx, e));
  if (!cx.hoisted || e.kind !== "ref" || cx.hoisted.changing.has(e.name)) return text;
  let local = cx.hoisted.vectors.get(text);
  if (!local) cx.hoisted.vectors.set(text, (local = cx.out.fresh(`${e.name}_x4`, "v128")));
  return `(local.get ${local})`;
}

function load(cx: KernelContext, e: Extract<Expr, { kind: "load" }>): string {
  const known = cx.transposed.get(keyOfLoad(e));
  if (known) return known;
  const { dtype } = cx.kernel.args[e.arg], stride = cx.laneStride(e.index), at = cx.laneOffsets(e.index)?.join(" ");
  if (isHalf(dtype)) {
    if (stride === 1) return numbersOf(cx, dtype, `(v128.load16x4_s ${address(cx, e.arg, e.index)})`);
    // what is the same for several lanes is loaded for each: the bits take less than their conversion
    return numbersOf(cx, dtype, fourLanes("i32", (q) => `(${loadOf(dtype)} ${address(cx, e.arg, e.index, q)})`));
  }
  if (stride === 1 && byteSize[dtype] === 4) return `(v128.load ${address(cx, e.arg, e.index)})`;
  if (at === "0 0 0 0" && byteSize[dtype] === 4) return `(v128.load32_splat ${address(cx, e.arg, e.index)})`;
  // each of two twice
  if (at === "0 0 1 1" && byteSize[dtype] === 4) {
    const v = cx.out.fresh("v", "v128");
    return `(i8x16.shuffle 0 1 2 3 0 1 2 3 4 5 6 7 4 5 6 7 (local.tee ${v} (v128.load64_zero ${address(cx, e.arg, e.index)})) (local.get ${v}))`;
  }
  if (stride === 1 && byteSize[dtype] === 1) {
    const wide = `(i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero ${address(cx, e.arg, e.index)})))`;
    return dtype === "bool" ? `(i32x4.ne ${wide} ${constantVector("i32", 0)})` : wide;
  }
  // every other element: of two vectors that end with the last one needed
  if (stride === 2 && byteSize[dtype] === 4)
    return `(i8x16.shuffle 0 1 2 3 8 9 10 11 20 21 22 23 28 29 30 31 (v128.load ${address(cx, e.arg, e.index)}) (v128.load ${address(cx, e.arg, shifted(e.index, 3))}))`;
  // a reversed axis: the four below, turned around
  if (stride === -1 && byteSize[dtype] === 4) {
    const v = cx.out.fresh("v", "v128"), from = plainAddress(cx, e.arg, e.index, 3);
    return `(i8x16.shuffle 12 13 14 15 8 9 10 11 4 5 6 7 0 1 2 3 (local.tee ${v} (v128.load ${from})) (local.get ${v}))`;
  }
  return byLanes(cx, e);
}

/** An index some elements further on. */
function shifted(x: Index, by: number): Index {
  const offset = dims.add(x.offset, by);
  return { ...x, offset, key: String(offset) + x.key.slice(String(x.offset).length) };
}

function scalar(cx: KernelContext, e: Extract<Expr, { kind: "scalar" }>): string {
  const dtype = e.args[0].dtype;
  const spelling = vectorSpelling(e.op, dtype);
  if (spelling) return wrapVector(e.dtype, spell(cx, spelling, e.args.map((a) => vector(cx, a))));
  const math = dtype === "f32" ? mathFunction(e) : undefined;
  if (math) {
    const x = vector(cx, e.args[0]);
    return inlineMath(math, x, cx.out.bind) ?? `(call $${cx.module.math(math)} ${x})`;
  }
  // operands once, as vectors where they are, then the op lane by lane
  const operands = e.args.map((a) => {
    const wide = cx.isVector(a), type = wide ? "v128" : numberType[a.dtype];
    const local = cx.out.fresh("v", type), value = wide ? vector(cx, a) : element(cx, a);
    return (q: number): string => {
      const text = q === 0 ? `(local.tee ${local} ${value})` : `(local.get ${local})`;
      return wide ? extract(a.dtype, text, q) : text;
    };
  });
  return fourLanes(e.dtype, (q) => applyOp(cx, e, operands.map((operand) => operand(q))));
}

/** Four conversions at once; undefined where there is no way to. */
function convert(cx: KernelContext, from: MathType, to: MathType, x: string): string | undefined {
  if (from === to) return x;
  if (from === "f64" || to === "f64") return undefined;
  switch (to) {
    case "bool": return `(${shapeOf(from)}.ne ${x} ${constantVector(from, 0)})`;
    case "f32": return from === "bool" ? `(v128.and ${x} ${constantVector("f32", 1)})` : `(f32x4.convert_i32x4_${from === "u32" ? "u" : "s"} ${x})`;
    default:
      if (from === "bool") return `(v128.and ${x} ${constantVector("i32", 1)})`;
      return wrapVector(to, from === "f32" ? `(call $${cx.module.library("toInt32x4")} ${x})` : x);
  }
}

/**
 * Tests that step evenly hold for the lanes between if they hold for the first and the last: then all four are
 * computed at once; else each lane asks for itself.
 */
function guard(cx: KernelContext, e: Extract<Expr, { kind: "guard" }>): string {
  const inside = (): string => cx.out.within(() => vector(cx, e.inside)), outside = (): string => cx.out.within(() => vector(cx, e.outside));
  if (!e.tests.some((t) => cx.isVectorIndex(t.index)))
    return `(if (result v128) ${tests(cx, e.tests, 0)} (then ${inside()}) (else ${outside()}))`;
  if (!e.tests.every((t) => t.step === 1 && (cx.laneStride(t.index) !== undefined || isRising(cx.laneOffsets(t.index))))) return byLanes(cx, e);
  return `(if (result v128) (i32.and ${tests(cx, e.tests, 0)} ${tests(cx, e.tests, 3)}) (then ${inside()}) (else ${byLanes(cx, e)}))`;
}

/** Whether lanes between the first and the last lie between them. */
const isRising = (offsets: readonly number[] | undefined): boolean => offsets !== undefined && offsets.every((x, q) => q === 0 || offsets[q - 1] <= x);

/** Four elements one by one: what has no vector instruction. */
const byLanes = (cx: KernelContext, e: Expr): string => fourLanes(e.dtype, (q) => element(cx, e, q));

function fourLanes(dtype: MathType, lane: (q: number) => string): string {
  let v = splat(dtype, lane(0));
  for (let q = 1; q < 4; q++) v = `(${shapeOf(dtype)}.replace_lane ${q} ${v} ${asLane(dtype, lane(q))})`;
  return v;
}
