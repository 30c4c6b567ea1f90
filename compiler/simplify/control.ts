import { reachable, withLocation, type Region, type Value } from "../../ir/graph/index.ts";
import type { AttrsOf, OpName } from "../../ir/ops/index.ts";
import { splat, splatOf } from "./constants.ts";
import { sameFunction } from "./cse.ts";
import type { Builder, Rule, RuleTable } from "./rule.ts";
import { reshaped } from "./shapes.ts";

/** Control flow whose course is known: a branch that is always taken, a loop of no trips or one. */

/** The results of a region for given arguments, as part of the graph that the arguments belong to. */
function inline(region: Region, args: readonly Value[], build: Builder): Value[] {
  const image = new Map<Value, Value>(region.params.map((p, i) => [p, args[i]]));
  for (const node of reachable(region.results)) {
    if (node.op === "parameter") continue;
    const inputs = node.inputs.map((v) => image.get(v)!);
    const results = withLocation(node.at, () => build.makeAll(node.op, inputs, node.attrs as AttrsOf<OpName>, node.regions));
    for (const [i, v] of node.outputs.entries()) image.set(v, results[i]);
  }
  return region.results.map((v) => image.get(v)!);
}

const condKnown: Rule<"cond"> = ({ inputs: [pred, ...operands], regions: [then, otherwise] }, build) => {
  const p = splatOf(pred);
  return p === undefined ? undefined : inline(p ? then : otherwise, operands, build);
};

/** Both branches are the same function: the test does not matter. */
const condEither: Rule<"cond"> = ({ inputs: [, ...operands], regions: [then, otherwise] }, build) =>
  (sameFunction(then, otherwise) ? inline(then, operands, build) : undefined);

const whileNever: Rule<"while"> = ({ inputs, attrs: { carries }, regions: [test] }) =>
  (splatOf(test.results[0]) === 0 ? inputs.slice(0, carries) : undefined);

const scanNever: Rule<"scan"> = ({ inputs, attrs: { carries, length }, outputs }, build) =>
  (length === 0 ? [...inputs.slice(0, carries), ...outputs.slice(carries).map((v) => splat(build, 0, v.type))] : undefined);

const scanOnce: Rule<"scan"> = ({ inputs, attrs: { carries, xs, length }, regions: [body], outputs }, build) => {
  if (length !== 1) return undefined;
  const rows = inputs.slice(carries, carries + xs).map((x) => reshaped(build, x, x.type.shape.slice(1)));
  const step = splat(build, 0, body.params[0].type);
  const results = inline(body, [step, ...inputs.slice(0, carries), ...rows, ...inputs.slice(carries + xs)], build);
  return results.map((v, i) => reshaped(build, v, outputs[i].type.shape));
};

export const control: RuleTable = {
  cond: [condKnown, condEither],
  while: [whileNever],
  scan: [scanNever, scanOnce],
};
