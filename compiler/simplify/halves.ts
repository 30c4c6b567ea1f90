import type { Value } from "../../ir/graph/index.ts";
import { isHalf } from "../../ir/types/index.ts";
import type { Builder, Rule, RuleTable } from "./rule.ts";

/**
 * What works on elements where they are in memory works on f32: halves are only stored there. The values of a sort fit
 * in a half again, and what a scatter adds up is rounded once, when all of it is there.
 */

const wide = (build: Builder, x: Value): Value => build.make("convert", [x], { dtype: "f32" });

const sortWide: Rule<"sort"> = ({ inputs: [x], attrs }, build) => {
  const { dtype } = x.type;
  if (!isHalf(dtype)) return undefined;
  const [values, positions] = build.makeAll("sort", [wide(build, x)], attrs);
  return [build.make("convert", [values], { dtype }), positions];
};

const scatterWide: Rule<"scatter"> = ({ inputs: [x, updates, ...indices], attrs }, build) => {
  const { dtype } = x.type;
  if (!isHalf(dtype) || attrs.reducer === "set") return undefined;
  return build.make("convert", [build.make("scatter", [wide(build, x), wide(build, updates), ...indices], attrs)], { dtype });
};

export const halves: RuleTable = { sort: [sortWide], scatter: [scatterWide] };
