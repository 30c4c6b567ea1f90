import { byteSize, dims, type Dim } from "../../../ir/types/index.ts";
import { visitIndex } from "../../loops/affine.ts";
import type { Expr, Index, LoopStmt, Stmt } from "../../loops/ir.ts";
import { childrenOf, indicesOf } from "../../loops/pool.ts";
import type { KernelContext } from "./context.ts";
import { index } from "./element.ts";

/** A pointer that steps with a loop. Elements a constant distance apart share one; what is looked up at each step is added there. */
export interface Stream {
  readonly local: string;
  readonly lookup: readonly Term[];
  /** The constant part of the index that it points to. */
  readonly offset: number;
}

type Term = Index["terms"][number];
/** An offset read from a table, which needs no check. */
const isLookup = ({ atom }: Term): boolean => atom.kind === "data" && atom.note === undefined;

/** Where an element is: what a load or store says before its value. */
export function address(cx: KernelContext, arg: number, x: Index, q = 0): string {
  const stream = cx.streams.get(streamKey(arg, x));
  const stride = q === 0 ? 0 : cx.laneStride(x);
  if (stream && typeof stride === "number") {
    const size = byteSize[cx.kernel.args[arg].dtype], offset = (constantPart(x.offset) - stream.offset + q * stride) * size;
    if (offset >= 0) return withOffset(offset, stream.lookup.length === 0 ? `(local.get ${stream.local})` : `(i32.add (local.get ${stream.local}) ${bytes(index(cx, { offset: 0, terms: stream.lookup, key: "" }), size)})`);
  }
  return splitAddress(cx, arg, x, q) ?? plainAddress(cx, arg, x, q);
}

const withOffset = (offset: number, pointer: string): string => `${offset > 0 ? `offset=${offset} ` : ""}${pointer}`;
const bytes = (count: string, size: number): string => (size === 1 ? count : `(i32.shl ${count} (i32.const ${Math.log2(size)}))`);

/** An address with its constant part in the instruction, where what remains is not negative: neighbours share the rest. */
function splitAddress(cx: KernelContext, arg: number, x: Index, q: number): string | undefined {
  const stride = q === 0 ? 0 : cx.laneStride(x), fixed = constantPart(x.offset), rest = dims.sub(x.offset, fixed);
  if (typeof stride !== "number") return undefined;
  const constant = fixed + q * stride;
  if (constant <= 0 || dims.atLeast(rest, 0) !== true || x.terms.some((t) => dims.atLeast(t.stride, 0) !== true)) return undefined;
  return withOffset(constant * byteSize[cx.kernel.args[arg].dtype], plainAddress(cx, arg, { ...x, offset: rest }));
}

/** The address of an element, computed from its index. */
export function plainAddress(cx: KernelContext, arg: number, x: Index, q = 0): string {
  const size = byteSize[cx.kernel.args[arg].dtype], at = index(cx, x, q);
  const pointer = `(local.get ${cx.pointer(arg)})`;
  if (at === "(i32.const 0)") return pointer;
  return `(i32.add ${pointer} ${bytes(at, size)})`;
}

/** Declares pointers for the loads and stores of an innermost loop; `start` sets them and `advance` steps them, as text. */
export function streamsOf(cx: KernelContext, loop: LoopStmt): { readonly streams: ReadonlyMap<string, Stream>; readonly start: string[]; readonly advance: string[] } {
  const streams = new Map<string, Stream>(), start: string[] = [], advance: string[] = [];
  for (const [key, access] of lowestOf(loop.body, loop.var.name)) {
    const { arg, x } = access, { dtype } = cx.kernel.args[arg];
    const { stream, set } = pointerTo(cx, access), { local } = stream;
    streams.set(key, stream);
    start.push(set);
    const stride = strideAlong(x, loop.var.name);
    if (stride !== 0) {
      const by = dims.mul(stride, loop.step * byteSize[dtype] * (loop.reverse ? -1 : 1));
      advance.push(`(local.set ${local} (i32.add (local.get ${local}) ${cx.size(by)}))`);
    }
  }
  return { streams, start, advance };
}

/**
 * Declares pointers for statements that run once, where several of their loads and stores are a constant distance apart:
 * the elements of a tile. They are as many instructions less, and an engine sees which of them are neighbours.
 */
export function pointersOf(cx: KernelContext, list: readonly Stmt[]): { readonly streams: ReadonlyMap<string, Stream>; readonly start: readonly string[] } {
  const pointers = [...lowestOf(list)].filter(([, { count }]) => count > 1).map(([key, access]) => ({ key, ...pointerTo(cx, access) }));
  return { streams: new Map(pointers.map(({ key, stream }) => [key, stream])), start: pointers.map(({ set }) => set) };
}

/** A pointer to an access, and the text that sets it. */
function pointerTo(cx: KernelContext, { arg, x, offset }: Access): { readonly stream: Stream; readonly set: string } {
  const local = cx.out.fresh(`${cx.kernel.args[arg].name}_p`, "i32"), lookup = x.terms.filter(isLookup);
  const set = `(local.set ${local} ${plainAddress(cx, arg, { ...x, terms: x.terms.filter((t) => !isLookup(t)) })})`;
  return { stream: { local, offset, lookup }, set };
}

interface Access { readonly arg: number; readonly x: Index; readonly offset: number; readonly count: number }

/** The accesses of statements whose addresses step evenly with a loop; of those a constant distance apart, the one that is lowest, and how many there are. */
function lowestOf(body: readonly Stmt[], loop?: string): ReadonlyMap<string, Access> {
  const lowest = new Map<string, Access>();
  const see = (arg: number, x: Index): void => {
    if (!x.terms.every((t) => t.atom.kind === "var" || (t.atom.kind === "data" ? isLookup(t) : isSteady(t.atom.of, loop)))) return;
    const key = streamKey(arg, x), offset = constantPart(x.offset), before = lowest.get(key);
    lowest.set(key, { ...(before && before.offset <= offset ? before : { arg, x, offset }), count: (before?.count ?? 0) + 1 });
  };
  for (const s of body) for (const { arg, index } of accessesOf(s)) see(arg, index);
  return lowest;
}

/** What a statement stores and loads in any case; what a guard keeps from being loaded has no address to precompute. */
export function accessesOf(s: Stmt): (Extract<Stmt, { kind: "store" }> | Extract<Expr, { kind: "load" }>)[] {
  const found: ReturnType<typeof accessesOf> = [];
  const visit = (e: Expr): void => {
    if (e.kind === "guard") return;
    if (e.kind === "load") found.push(e);
    childrenOf(e).forEach(visit);
    for (const i of indicesOf(e)) visitIndex(i, () => {}, visit);
  };
  if (s.kind === "store") found.push(s);
  if (s.kind !== "acc" && s.kind !== "loop") visit(s.value);
  return found;
}

/** Equal for accesses that are a constant distance apart. */
export function streamKey(arg: number, x: Index): string {
  const steps = x.key.slice(String(x.offset).length);
  return `${arg}|${dims.sub(x.offset, constantPart(x.offset))}|${steps}`;
}

/** The number in a dimension: what a constant offset can take. */
export const constantPart = (d: Dim): number => (typeof d === "number" ? d : dims.terms(d).find((t) => t.atoms.length === 0)?.coefficient ?? 0);

const strideAlong = (x: Index, name: string): Dim => x.terms.find((t) => t.atom.kind === "var" && t.atom.var.name === name)?.stride ?? 0;

/** Whether an index stays the same while a loop runs: it mentions neither its variable nor data. */
function isSteady(x: Index, name: string | undefined): boolean {
  let steady = true;
  visitIndex(x, (v) => { steady &&= v.name !== name; }, () => { steady = false; });
  return steady;
}
