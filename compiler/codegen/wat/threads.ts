import { longest, type Level, type Sharing } from "../../loops/share.ts";
import type { KernelContext, Range } from "./context.ts";

/**
 * How a module serves several threads. Each has an instance of it on the same memory, and runs every function from
 * beginning to end: of the kernels that are shared, each thread computes its range; the others the first thread runs
 * alone. Where a step needs what others wrote, all wait for each other. The host says which thread an instance is, and
 * how many run; with one, nothing waits and the range is all there is.
 */
export const threadImport = `(import "env" "barrier" (func $barrier))`;

export const threadFunctions: readonly string[] = [
  `  (global $thread (export "$thread") (mut i32) (i32.const 0))
  (global $threads (export "$threads") (mut i32) (i32.const 1))`,
  `  ;; Waits until all threads are here.
  (func $sync
    (if (i32.gt_u (global.get $threads) (i32.const 1)) (then (call $barrier))))`,
  `  ;; Where the range of thread $t begins, of $n iterations in units of $unit, of which $grain are worth a thread. The
  ;; range ends where the next one's begins.
  (func $share (param $t i32) (param $n i32) (param $unit i32) (param $grain i32) (result i32)
    (local $units i32) (local $sharers i32) (local $at i32)
    (local.set $units (i32.div_u (i32.add (local.get $n) (i32.sub (local.get $unit) (i32.const 1))) (local.get $unit)))
    (local.set $sharers (i32.div_u (local.get $units) (local.get $grain)))
    (if (i32.gt_u (local.get $sharers) (global.get $threads)) (then (local.set $sharers (global.get $threads))))
    (if (i32.eqz (local.get $sharers)) (then (local.set $sharers (i32.const 1))))
    (if (i32.gt_u (local.get $t) (local.get $sharers)) (then (local.set $t (local.get $sharers))))
    (local.set $at (i32.mul (local.get $unit) (i32.mul (local.get $t)
      (i32.div_u (i32.add (local.get $units) (i32.sub (local.get $sharers) (i32.const 1))) (local.get $sharers)))))
    (select (local.get $at) (local.get $n) (i32.lt_u (local.get $at) (local.get $n))))`,
];

/** Writes a kernel's body in segments; `write` writes statements. */
export function sharedBody(cx: KernelContext, { segments }: Sharing, write: (body: Sharing["segments"][number]["body"]) => void): void {
  for (const { body, levels, waits } of segments) {
    if (waits) cx.out.line("(call $sync)");
    ranges(cx, levels);
    write(body);
  }
}

/** Units for each thread that make the parts of all about equal. */
const plenty = 4;

/** Computes the ranges of a segment's loops. The outermost that has plenty of units for each thread is shared; failing that, the longest. */
function ranges(cx: KernelContext, levels: readonly Level[]): void {
  const thread = "(global.get $thread)", next = "(i32.add (global.get $thread) (i32.const 1))";
  if (levels.length === 0) return;
  if (levels.length === 1) return setRange(cx, levels[0], thread, next);
  const which = cx.out.fresh("level", "i32");
  const hasPlenty = (l: Level): string => `(i32.ge_u ${cx.size(l.extent)} (i32.mul (i32.const ${plenty * l.unit}) (global.get $threads)))`;
  cx.out.line(`(local.set ${which} ${levels.reduceRight((rest, l, i) => `(select (i32.const ${i}) ${rest} ${hasPlenty(l)})`, `(i32.const ${longest(levels)})`)})`);
  for (const [i, level] of levels.entries()) {
    const isShared = `(i32.eq (local.get ${which}) (i32.const ${i}))`;
    // the first begins at 0, and what comes after the last at the end: a thread that has all is both
    setRange(cx, level, `(select ${thread} (i32.const 0) ${isShared})`, `(select ${next} (global.get $threads) ${isShared})`);
  }
}

function setRange(cx: KernelContext, { loops, extent, unit, grain }: Level, first: string, next: string): void {
  const name = loops[0].var.name;
  const range: Range = { from: cx.out.fresh(`${name}_from`, "i32"), to: cx.out.fresh(`${name}_to`, "i32") };
  for (const [local, t] of [[range.from, first], [range.to, next]]) cx.out.line(`(local.set ${local} (call $share ${t} ${cx.size(extent)} (i32.const ${unit}) (i32.const ${grain})))`);
  for (const l of loops) cx.ranges.set(l, range);
}
