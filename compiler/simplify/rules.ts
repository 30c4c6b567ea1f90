import { ops, type OpName } from "../../ir/ops/index.ts";
import { algebra } from "./algebra.ts";
import { barrier } from "./barrier.ts";
import { contraction } from "./contract.ts";
import { control } from "./control.ts";
import { disjoint } from "./disjoint.ts";
import { constants, folding } from "./fold.ts";
import { halves } from "./halves.ts";
import { indexing } from "./indexing.ts";
import { logic } from "./logic.ts";
import { movement } from "./movement.ts";
import { reduction } from "./reduce.ts";
import type { Rule, RuleTable } from "./rule.ts";
import { sinkBroadcasts, sinkReshapes, sinkTransposes } from "./sink.ts";
import { slicing } from "./slicing.ts";

const families: readonly RuleTable[] = [constants, algebra, logic, movement, slicing, disjoint, reduction, contraction, indexing, halves, control, barrier];
const elementwise: readonly Rule[] = [sinkBroadcasts, sinkReshapes, sinkTransposes];

function collect(op: OpName): readonly Rule[] {
  // A table's rules for an op take nodes of that op; TypeScript cannot correlate the two unions.
  const own = families.flatMap((table) => (table[op] ?? []) as readonly Rule[]);
  return [...folding, ...own, ...(ops[op].kind === "elementwise" ? elementwise : [])];
}

const table = new Map((Object.keys(ops) as OpName[]).map((op) => [op, collect(op)]));

/** Every rule that looks at an op, in the order they are tried: constants, then the op's own, then those of its kind. */
export const rulesFor = (op: OpName): readonly Rule[] => table.get(op)!;
