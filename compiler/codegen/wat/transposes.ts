import { byteSize } from "../../../ir/types/index.ts";
import { lanes } from "../../loops/contract/index.ts";
import type { Expr, Stmt } from "../../loops/ir.ts";
import type { KernelContext } from "./context.ts";
import { accessesOf, address, constantPart, streamKey } from "./streams.ts";

/**
 * A vector whose elements are far apart in memory takes four loads, and as many instructions to put them together. Where
 * four such vectors are neighbours, as in a loop that is written out four times, they are the columns of a matrix of 4×4:
 * its rows are loaded as they lie, and eight shuffles make columns of them.
 */

type Load = Extract<Expr, { kind: "load" }>;

/** Loads of which four are neighbours, by their keys: each with all of its four, the lowest first. */
export type Fours = ReadonlyMap<string, readonly Load[]>;

export const keyOfLoad = ({ arg, index }: Load): string => `${arg} ${index.key}`;

/** The fours of statements up to the next loop. */
export function foursOf(cx: KernelContext, list: readonly Stmt[]): Fours {
  const fours = new Map<string, readonly Load[]>();
  if (!cx.lane) return fours;
  const groups = new Map<string, Map<number, Load>>(), end = list.findIndex((s) => s.kind === "loop");
  for (const s of end < 0 ? list : list.slice(0, end)) for (const e of loadsOf(cx, s)) {
    const key = streamKey(e.arg, e.index);
    if (!groups.has(key)) groups.set(key, new Map());
    groups.get(key)!.set(constantPart(e.index.offset), e);
  }
  for (const group of groups.values()) {
    let run: Load[] = [], next = 0;
    for (const [offset, e] of [...group].sort(([a], [b]) => a - b)) {
      if (offset !== next) run = [];
      run.push(e);
      next = offset + 1;
      if (run.length < lanes) continue;
      for (const x of run) fours.set(keyOfLoad(x), run);
      run = [];
    }
  }
  return fours;
}

/** Writes the transposes that a statement is the first to need, ahead of it. */
export function transposeFor(cx: KernelContext, s: Stmt, fours: Fours): void {
  if (fours.size === 0) return;
  for (const e of loadsOf(cx, s)) {
    const run = fours.get(keyOfLoad(e));
    if (!run || cx.transposed.has(keyOfLoad(e)) || !isFar(cx, e)) continue;
    const [{ arg, index }] = run, { bind } = cx.out;
    const rows = [0, 1, 2, 3].map((q) => bind(`(v128.load ${address(cx, arg, index, q)})`));
    const [low01, high01, low23, high23] = [rows.slice(0, 2), rows.slice(2)].flatMap(([a, b]) => [bind(shuffle(lowElements, a, b)), bind(shuffle(highElements, a, b))]);
    const columns = [[low01, low23], [high01, high23]].flatMap(([a, b]) => [bind(shuffle(lowPairs, a, b)), bind(shuffle(highPairs, a, b))]);
    for (const [q, x] of run.entries()) cx.transposed.set(keyOfLoad(x), columns[q]);
  }
}

/** Elements of two vectors in turn, of their low halves or their high ones; then pairs of elements. For these an engine has an instruction each. */
const lowElements = "0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23", highElements = "8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31";
const lowPairs = "0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23", highPairs = "8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31";
const shuffle = (bytes: string, a: string, b: string): string => `(i8x16.shuffle ${bytes} ${a} ${b})`;

/** Loads of 32 bits that a statement makes in any case. */
const loadsOf = (cx: KernelContext, s: Stmt): readonly Load[] =>
  accessesOf(s).flatMap((x) => (x.kind === "load" && byteSize[cx.kernel.args[x.arg].dtype] === 4 ? [x] : []));

/** Whether elements of a vector are so far apart that there is no shorter way to load them. */
function isFar(cx: KernelContext, { index }: Load): boolean {
  const stride = cx.laneStride(index);
  return stride !== undefined && (typeof stride === "string" || Math.abs(stride) >= lanes);
}
