import type { Extreme, KernelContext } from "./context.ts";

/**
 * The largest or smallest of many vectors. `f32x4.max` is eight instructions on x64, each of which waits for the one
 * before; `pmax` is one, but passes over NaN, and of two zeros keeps the first. Both are made up for beside it, by
 * single instructions that wait for nothing: whether any number was NaN, and what signs there were. A maximum is negative
 * (and may be −0) where all numbers are, a minimum where any is.
 */
export function extreme(cx: KernelContext, name: string, reducer: "max" | "min"): Extreme {
  const { out } = cx, isMax = reducer === "max";
  const [best, sign, nan] = [out.local(name, "v128"), out.local(`${name}_sign`, "v128"), out.local(`${name}_nan`, "v128")];
  const get = (local: string): string => `(local.get ${local})`;
  return {
    start: [`(local.set ${sign} ${get(best)})`, `(local.set ${nan} (v128.const i32x4 0 0 0 0))`],
    fold: (value) => [
      `(local.set ${best} (f32x4.p${reducer} ${get(best)} ${value}))`,
      `(local.set ${sign} (v128.${isMax ? "and" : "or"} ${get(sign)} ${value}))`,
      `(local.set ${nan} (v128.or ${get(nan)} (f32x4.ne ${value} ${value})))`,
    ],
    end: `(local.set ${best} (v128.or ${get(nan)} (v128.bitselect ${get(sign)} ${get(best)} (v128.const i32x4 0x80000000 0x80000000 0x80000000 0x80000000))))`,
  };
}
