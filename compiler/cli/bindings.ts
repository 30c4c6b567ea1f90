import type { Model } from "../../ir/graph/index.ts";
import { dims } from "../../ir/types/index.ts";
import { fail } from "../frontend/index.ts";

/** `["B=64", "T=16,H=2"]` to `{ B: 64, T: 16, H: 2 }`: the values of symbolic dimensions. */
export function parseBindings(texts: readonly string[], option = "--bind"): Record<string, number> {
  return Object.fromEntries(entries(texts, option, `${option} B=64`).map(([name, text]) => {
    if (!/^\d+$/.test(text)) fail(`${option} ${name}=${text}: "${text}" is not a size`, `write a whole number: ${option} B=64`);
    return [name, Number(text)];
  }));
}

/** Stops where a symbol that is given a size is none of the models': it is misspelt. */
export function checkSymbols(binding: Readonly<Record<string, number>>, models: readonly Model[], option = "--bind"): void {
  const known = new Set(models.flatMap((m) => m.functions).flatMap((fn) => fn.inputs.flatMap((v) => v.type.shape.flatMap(dims.symbolsOf))));
  for (const symbol of Object.keys(binding))
    if (!known.has(symbol)) fail(`${option} ${symbol}: ${models.map((m) => m.name).join(", ")} has no symbolic dimension "${symbol}"`, known.size > 0 ? `its symbols are: ${[...known].join(", ")}` : "all its dimensions are numbers");
}

/** Bounds of random data: `low` counts in, `high` does not. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** `["label=0:10"]` to `{ label: { low: 0, high: 10 } }`. */
export function parseRanges(texts: readonly string[]): Record<string, Range> {
  return Object.fromEntries(entries(texts, "--range", "--range label=0:10").map(([name, text]) => {
    const [low, high, more] = text.split(":").map((s) => (s.trim() === "" ? NaN : Number(s)));
    if (more !== undefined || !(low < high)) fail(`--range ${name}=${text}: "${text}" is not a range`, "write the lowest value, and the one past the highest: --range label=0:10");
    return [name, { low, high }];
  }));
}

function entries(texts: readonly string[], option: string, example: string): [string, string][] {
  return texts.flatMap((text) => text.split(",")).map((part) => {
    const at = part.indexOf("=");
    if (at < 1) fail(`${option} ${part}: this names no value`, `write NAME=VALUE: ${example}`);
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
}
