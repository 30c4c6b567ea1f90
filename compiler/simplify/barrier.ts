import { from, type Rule, type RuleTable } from "./rule.ts";
import type { Value } from "../../ir/graph/index.ts";

/** What takes no computing need not wait for anything, nor be waited for. */
const isThere = (v: Value): boolean => v.node.op === "constant" || v.node.op === "iota" || v.node.op === "dimension";

const barrierOfSource: Rule<"barrier"> = ({ inputs: [x] }) => (isThere(x) ? x : undefined);

const barrierAfterSource: Rule<"barrier"> = ({ inputs: [x, ...after] }, build) => {
  const left = [...new Set(after)].filter((v) => !isThere(v));
  return left.length < after.length ? build.make("barrier", [x, ...left], {}) : undefined;
};

/** Waiting for the same twice is waiting once. */
const barrierOfSame: Rule<"barrier"> = ({ inputs: [x, ...after] }) => {
  const inner = from(x, "barrier");
  return inner && after.every((v) => inner.inputs.includes(v, 1)) ? x : undefined;
};

export const barrier: RuleTable = { barrier: [barrierOfSource, barrierAfterSource, barrierOfSame] };
