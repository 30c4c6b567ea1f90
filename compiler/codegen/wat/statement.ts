import { byteSize, isHalf } from "../../../ir/types/index.ts";
import { partsOf } from "../../loops/pool.ts";
import type { Expr, LoopStmt, Stmt } from "../../loops/ir.ts";
import { hoistConstants } from "./constants.ts";
import type { Extreme, KernelContext } from "./context.ts";
import { combine, element, index, stored } from "./element.ts";
import { extreme } from "./extreme.ts";
import { bitsOfFour, narrowed } from "./half.ts";
import { address, plainAddress, pointersOf, streamsOf } from "./streams.ts";
import { constant, constantVector, extract, loadOf, numberType, storeOf } from "./types.ts";
import { foursOf, transposeFor, type Fours } from "./transposes.ts";
import { foldVectors, vector } from "./vector.ts";

/**
 * Writes a list of statements. Where it stores several vectors, it stores them last: an engine orders what it computes
 * by the memory effects, and independent vectors are faster side by side than one after another. (A store never feeds
 * a load of the same list.)
 */
export function statements(cx: KernelContext, list: readonly Stmt[]): void {
  const several = list.filter((s) => s.kind === "store").length > 1;
  const last: string[] = [];
  // what a tile does after its loops; inside an innermost loop there are pointers already
  const tail = list.findLastIndex((s) => s.kind === "loop") + 1, around = { streams: cx.streams, transposed: cx.transposed };
  let fours: Fours = new Map();
  for (const [i, s] of list.entries()) {
    if (i === tail && i > 0) {
      const { streams, start } = pointersOf(cx, list.slice(i));
      for (const line of start) cx.out.line(line);
      cx.streams = streams;
    }
    if (i === 0 || list[i - 1].kind === "loop") {
      fours = foursOf(cx, list.slice(i));
      cx.transposed = new Map();
    }
    transposeFor(cx, s, fours);
    switch (s.kind) {
      case "let": bind(cx, s.name, s.value); break;
      case "acc": accumulator(cx, s, list.slice(i + 1)); break;
      case "fold": fold(cx, s); break;
      case "foldArg": foldArg(cx, s); break;
      case "store": store(cx, s, several ? last : undefined); break;
      case "loop": last.splice(0).forEach((line) => cx.out.line(line)); cx.out.scope(() => loop(cx, s)); break;
    }
  }
  for (const line of last) cx.out.line(line);
  Object.assign(cx, around);
}

function bind(cx: KernelContext, name: string, value: Expr): void {
  cx.splats.delete(name);
  // loaded into all lanes at once: between vectors that is what it will be used as
  const isSplat = cx.lane !== undefined && value.kind === "load" && value.dtype === "f32" && !cx.isVector(value);
  if (isSplat || cx.isVector(value)) {
    const text = vector(cx, value);
    (isSplat ? cx.splats : cx.vectors).add(name);
    if (isSplat) cx.vectors.delete(name);
    cx.out.line(`(local.set ${cx.out.local(name, "v128")} ${text})`);
  } else {
    const text = element(cx, value);
    cx.vectors.delete(name);
    cx.out.line(`(local.set ${cx.out.local(name, numberType[value.dtype])} ${text})`);
  }
}

function accumulator(cx: KernelContext, s: Extract<Stmt, { kind: "acc" }>, after: readonly Stmt[]): void {
  if ((s.lanes ?? 1) > 1 || collectsVectors(cx, s.name, after)) {
    cx.vectors.add(s.name);
    cx.out.line(`(local.set ${cx.out.local(s.name, "v128")} ${constantVector(s.dtype, s.init)})`);
  } else {
    cx.vectors.delete(s.name);
    cx.out.line(`(local.set ${cx.out.local(s.name, numberType[s.dtype])} ${constant(s.dtype, s.init)})`);
  }
}

/**
 * Whether what folds into an accumulator differs from lane to lane. The statements after it are walked as they will
 * be written, so that a value bound on the way counts as what it is.
 */
function collectsVectors(cx: KernelContext, name: string, after: readonly Stmt[]): boolean {
  if (!cx.lane) return false;
  const wide = new Set<string>();
  const isWide = (e: Expr): boolean => (e.kind === "ref" && wide.has(e.name)) || cx.isVector(e) || partsOf(e).some(isWide); // data of indices too
  const search = (list: readonly Stmt[]): boolean => list.some((s) => {
    if (s.kind === "let" && isWide(s.value)) wide.add(s.name);
    if (s.kind === "fold" && isWide(s.value)) wide.add(s.name);
    if (s.kind === "foldArg" && isWide(s.value)) wide.add(s.best).add(s.at);
    return wide.has(name) || (s.kind === "loop" && search(s.body));
  });
  return search(after);
}

function fold(cx: KernelContext, s: Extract<Stmt, { kind: "fold" }>): void {
  if (cx.vectors.has(s.name)) {
    const local = cx.out.local(s.name, "v128"), extreme = cx.extremes.get(s.name);
    if (extreme) for (const line of extreme.fold(cx.out.bind(vector(cx, s.value)))) cx.out.line(line);
    else cx.out.line(`(local.set ${local} ${foldVectors(cx, s, `(local.get ${local})`)})`);
  } else {
    if (cx.isVector(s.value)) cx.fail(`folds a vector into ${s.name}, which is none`);
    const local = cx.out.local(s.name, numberType[s.dtype]);
    cx.out.line(`(local.set ${local} ${combine(cx, s.reducer, s.dtype, `(local.get ${local})`, element(cx, s.value))})`);
  }
}

/** The first of equals wins, and a NaN wins for good. */
function foldArg(cx: KernelContext, s: Extract<Stmt, { kind: "foldArg" }>): void {
  const { dtype } = s.value, { out } = cx;
  const compare = `${s.reducer === "max" ? "gt" : "lt"}${numberType[dtype] === "i32" ? (dtype === "i32" ? "_s" : "_u") : ""}`;
  if (cx.vectors.has(s.best)) {
    const shape = dtype === "f32" ? "f32x4" : "i32x4", signed = dtype === "bool" ? `${s.reducer === "max" ? "lt" : "gt"}_s` : compare;
    const best = out.local(s.best, "v128"), at = out.local(s.at, "v128"), v = out.fresh("v", "v128"), mask = out.fresh("mask", "v128");
    const [value, old, place] = [v, best, at].map((x) => `(local.get ${x})`);
    const beats = `(${shape}.${signed} ${value} ${old})`;
    const better = dtype === "f32" ? `(v128.and (f32x4.eq ${old} ${old}) (v128.or (f32x4.ne ${value} ${value}) ${beats}))` : beats;
    out.line(`(local.set ${v} ${vector(cx, s.value)})`);
    out.line(`(local.set ${mask} (v128.or (i32x4.eq ${place} ${constantVector("i32", -1)}) ${better}))`);
    out.line(`(local.set ${best} (v128.bitselect ${value} ${old} (local.get ${mask})))`);
    out.line(`(local.set ${at} (v128.bitselect ${vector(cx, { kind: "index", dtype: "i32", index: s.index })} ${place} (local.get ${mask})))`);
    return;
  }
  if (cx.isVector(s.value)) cx.fail(`folds a vector into ${s.best}, which is none`);
  const t = numberType[dtype];
  const best = out.local(s.best, t), at = out.local(s.at, "i32"), v = out.fresh("v", t);
  const [value, old] = [v, best].map((x) => `(local.get ${x})`);
  const beats = `(${t}.${compare} ${value} ${old})`;
  const better = t === "i32" ? beats : `(i32.and (${t}.eq ${old} ${old}) (i32.or (${t}.ne ${value} ${value}) ${beats}))`;
  out.line(`(local.set ${v} ${element(cx, s.value)})`);
  out.line(`(if (i32.or (i32.eq (local.get ${at}) (i32.const -1)) ${better}) (then (local.set ${best} ${value}) (local.set ${at} ${index(cx, s.index)})))`);
}

function store(cx: KernelContext, s: Extract<Stmt, { kind: "store" }>, later?: string[]): void {
  const { dtype } = cx.kernel.args[s.arg], { out } = cx;
  const isWide = cx.lane !== undefined && (cx.isVectorIndex(s.index) || cx.isVector(s.value));
  if (isWide) {
    if (s.mode !== "set") cx.fail("combines vectors into memory");
    const value = vector(cx, s.value);
    if (later) later.push(...vectorStores(cx, s, cx.out.bind(value)));
    else for (const line of vectorStores(cx, s, value)) cx.out.line(line);
    return;
  }
  if (s.mode === "set") return out.line(`(${storeOf(dtype)} ${address(cx, s.arg, s.index)} ${stored(cx, s.arg, element(cx, s.value))})`);
  const p = out.fresh("p", "i32");
  out.line(`(local.set ${p} ${plainAddress(cx, s.arg, s.index)})`);
  out.line(`(${storeOf(dtype)} (local.get ${p}) ${combine(cx, s.mode, s.value.dtype, `(${loadOf(dtype)} (local.get ${p}))`, element(cx, s.value))})`);
}

function vectorStores(cx: KernelContext, s: Extract<Stmt, { kind: "store" }>, value: string): string[] {
  const { dtype } = cx.kernel.args[s.arg];
  const stride = cx.laneStride(s.index);
  if (stride === 1 && byteSize[dtype] === 4) return [`(v128.store ${address(cx, s.arg, s.index)} ${value})`];
  if (stride === 1 && byteSize[dtype] === 1) {
    // the low byte of each lane, side by side
    const bytes = dtype === "bool" ? `(v128.and ${value} ${constantVector("i32", 1)})` : value;
    const packed = `(i8x16.shuffle 0 4 8 12 ${"16 ".repeat(12)}${bytes} ${constantVector("i32", 0)})`;
    const [offset, pointer] = splitOffset(address(cx, s.arg, s.index));
    return [`(v128.store32_lane ${offset}0 ${pointer} ${packed})`];
  }
  if (stride === 1 && isHalf(dtype)) {
    const [offset, pointer] = splitOffset(address(cx, s.arg, s.index));
    return [`(v128.store64_lane ${offset}0 ${pointer} ${narrowed(bitsOfFour(cx, dtype, value))})`];
  }
  const [v, kind] = isHalf(dtype) ? [cx.out.bind(bitsOfFour(cx, dtype, value)), "i32" as const] : [cx.out.bind(value), dtype];
  return [0, 1, 2, 3].map((q) => `(${storeOf(dtype)} ${address(cx, s.arg, s.index, q)} ${extract(kind, v, q)})`);
}

/** `offset=4 (…)` in two: a lane's number stands between. */
const splitOffset = (text: string): [string, string] => (text.startsWith("(") ? ["", text] : [`${text.slice(0, text.indexOf(" "))} `, text.slice(text.indexOf(" ") + 1)]);

function loop(cx: KernelContext, s: LoopStmt): void {
  const { out } = cx;
  const v = out.local(s.var.name, "i32"), get = `(local.get ${v})`;
  const range = cx.ranges.get(s), extent = range ? `(local.get ${range.to})` : cx.size(s.var.extent);
  if (s.reverse && (s.resume || s.step !== 1)) cx.fail(`counts down over ${s.var.name} in steps`);
  if (s.reverse) out.line(`(local.set ${v} (i32.sub ${extent} (i32.const 1)))`);
  else if (!s.resume) out.line(`(local.set ${v} ${range ? `(local.get ${range.from})` : "(i32.const 0)"})`);
  const more = s.reverse ? `(i32.ge_s ${get} (i32.const 0))`
    : s.step === 1 ? `(i32.lt_s ${get} ${extent})` : `(i32.le_s (i32.add ${get} (i32.const ${s.step})) ${extent})`;
  const outer = { lane: cx.lane, streams: cx.streams, hoisted: cx.hoisted, extremes: cx.extremes };
  if (s.lanes > 1 && cx.lane) cx.fail(`has vectors of ${cx.lane.name} and of ${s.var.name} at once`);
  if (s.lanes > 1) cx.lane = s.var;
  const isInnermost = !s.body.some((x) => x.kind === "loop");
  out.block(`(if ${more} (then`, () => {
    const { streams, start, advance } = isInnermost ? streamsOf(cx, s) : { streams: new Map(), start: [], advance: [] };
    cx.streams = streams;
    const hoisted = isInnermost ? { changing: changedIn(s.body), vectors: new Map<string, string>() } : undefined;
    cx.hoisted = hoisted;
    const extremes = isInnermost ? extremesOf(cx, s) : new Map<string, Extreme>();
    cx.extremes = extremes;
    const label = out.label(`${s.var.name}_loop`);
    out.withPreamble(
      () => out.block(`(loop ${label}`, () => {
        statements(cx, s.body);
        for (const line of advance) out.line(line);
        out.line(`(local.set ${v} (i32.add ${get} (i32.const ${s.reverse ? -1 : s.step})))`);
        out.line(`(br_if ${label} ${more})`);
      }, ")"),
      (written) => {
        for (const line of start) out.line(line);
        for (const [text, local] of hoisted?.vectors ?? []) out.line(`(local.set ${local} ${text})`);
        for (const e of extremes.values()) for (const line of e.start) out.line(line);
        if (!isInnermost) return written;
        const constants = hoistConstants(written, () => out.fresh("c", "v128"), (shape, lane) => cx.module.number(shape, lane));
        for (const line of constants.before) out.line(line);
        return constants.lines;
      });
    for (const e of extremes.values()) out.line(e.end);
  }, "))");
  Object.assign(cx, outer);
}

/** The vectors whose extremes a loop collects. */
function extremesOf(cx: KernelContext, s: LoopStmt): Map<string, Extreme> {
  const found = new Map<string, Extreme>();
  for (const x of s.body)
    if (x.kind === "fold" && (x.reducer === "max" || x.reducer === "min") && x.dtype === "f32" && cx.vectors.has(x.name)) found.set(x.name, extreme(cx, x.name, x.reducer));
  return found;
}

/** Names that a loop's body gives values to. */
function changedIn(body: readonly Stmt[]): Set<string> {
  const names = new Set<string>();
  for (const s of body) {
    if (s.kind === "let" || s.kind === "acc" || s.kind === "fold") names.add(s.name);
    if (s.kind === "foldArg") names.add(s.best).add(s.at);
  }
  return names;
}
