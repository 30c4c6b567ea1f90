import { scalarOps } from "./record.ts";

/** Comparisons of two operands; every one but `ne` is false where either is NaN. */
export const comparison = scalarOps({
  eq: { arity: 2, domain: "any", result: "bool", eval: (x, y) => Number(x === y), partials: null, js: "$0 === $1", wgsl: "$0 == $1", stablehlo: "compare EQ" },
  ne: { arity: 2, domain: "any", result: "bool", eval: (x, y) => Number(x !== y), partials: null, js: "$0 !== $1", wgsl: "ne_f32($0, $1)", wgslInt: "$0 != $1", stablehlo: "compare NE" },
  lt: { arity: 2, domain: "any", result: "bool", eval: (x, y) => Number(x < y), partials: null, js: "$0 < $1", wgsl: "$0 < $1", stablehlo: "compare LT" },
  le: { arity: 2, domain: "any", result: "bool", eval: (x, y) => Number(x <= y), partials: null, js: "$0 <= $1", wgsl: "$0 <= $1", stablehlo: "compare LE" },
  gt: { arity: 2, domain: "any", result: "bool", eval: (x, y) => Number(x > y), partials: null, js: "$0 > $1", wgsl: "$0 > $1", stablehlo: "compare GT" },
  ge: { arity: 2, domain: "any", result: "bool", eval: (x, y) => Number(x >= y), partials: null, js: "$0 >= $1", wgsl: "$0 >= $1", stablehlo: "compare GE" },
});
