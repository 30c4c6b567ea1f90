import type { Reducer, ScalarName } from "../../ir/ops/index.ts";

/** The op that does one step of a fold. */
export const combining: Record<Reducer, ScalarName> = { sum: "add", prod: "mul", max: "maximum", min: "minimum", any: "bitOr", all: "bitAnd" };
