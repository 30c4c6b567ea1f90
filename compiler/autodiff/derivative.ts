import type { OpName } from "../../ir/ops/index.ts";
import { noDerivative, type Rule, type Rules } from "./rule.ts";

const unexpanded = (): never => { throw new Error("internal: derivatives are expanded innermost first, yet one is differentiated"); };
const expandedBefore: Rule<OpName> = { vjp: unexpanded, jvp: unexpanded };

/** Ops that stand for derivatives. `stopGradient` is still there when derivatives are taken: that is its purpose. */
export const derivative: Rules<"stopGradient" | "grad" | "vjp" | "jvp"> = {
  stopGradient: noDerivative, grad: expandedBefore, vjp: expandedBefore, jvp: expandedBefore,
};
