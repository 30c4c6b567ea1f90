import { noDerivative, type Rules } from "./rule.ts";

/** What has no operands has nothing to give a derivative to. */
export const source: Rules<"input" | "variable" | "parameter" | "constant" | "iota" | "dimension"> = {
  input: noDerivative, variable: noDerivative, parameter: noDerivative, constant: noDerivative, iota: noDerivative, dimension: noDerivative,
};
