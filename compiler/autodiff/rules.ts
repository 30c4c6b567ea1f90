import type { AnyNode, Node } from "../../ir/graph/index.ts";
import { isScalarName, type OpName, type ScalarName, type StructuralName } from "../../ir/ops/index.ts";
import { contract } from "./contract.ts";
import { control } from "./control/index.ts";
import { derivative } from "./derivative.ts";
import { elementwise, scalar } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import { ordered } from "./ordered.ts";
import { reduce } from "./reduce.ts";
import type { Maybe, Pass, Rule, Rules } from "./rule.ts";
import { source } from "./source.ts";
import { window } from "./window.ts";

/** The chain rule, op by op. Scalar ops bring their partial derivatives in their records; an op missing here does not compile. */
const rules: Rules<StructuralName> = {
  ...source, ...elementwise, ...movement, ...reduce, ...contract, ...indexing, ...ordered, ...window, ...control, ...derivative,
};

/** A rule belongs to its op by the table's type; TypeScript cannot correlate the union of rules with that of nodes. */
const ruleOf = (op: OpName): Rule<OpName> => (isScalarName(op) ? (scalar as Rule<ScalarName>) : rules[op]) as Rule<OpName>;

/** Cotangents of a node's operands. */
export const cotangentsOf = (node: AnyNode, cotangents: readonly Maybe[], wanted: readonly boolean[], pass: Pass): readonly Maybe[] =>
  ruleOf(node.op).vjp(node as Node, cotangents, wanted, pass);

/** Tangents of a node's results. */
export const tangentsOf = (node: AnyNode, tangents: readonly Maybe[], pass: Pass): readonly Maybe[] =>
  ruleOf(node.op).jvp(node as Node, tangents, pass);
