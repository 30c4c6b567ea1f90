import { noDerivative, type Rule, type Rules } from "./rule.ts";
import type { OpName } from "../../ir/ops/index.ts";

const unexpanded = (): never => { throw new Error("internal: derivatives are expanded innermost first, yet one is differentiated"); };
const expandedBefore: Rule<OpName> = { vjp: unexpanded, jvp: unexpanded };

export const derivative: Rules<"stopGradient" | "grad" | "vjp" | "jvp"> = {
  stopGradient: noDerivative, grad: expandedBefore, vjp: expandedBefore, jvp: expandedBefore,
};
