import { dims, type Dim } from "../../../ir/types/index.ts";
import { binary, call, literal, negate, primary, type Code } from "./code.ts";

/** The identifier of a symbolic dimension or counter. */
export type SymbolName = (symbol: string) => string;

/** A dimension as an integer expression of its symbols. */
export function printDim(d: Dim, symbol: SymbolName): Code {
  if (typeof d === "number") return literal(d);
  const parts = dims.terms(d).map(({ coefficient, atoms }) => ({
    coefficient,
    factors: atoms.map((a) => (typeof a === "string" ? primary(symbol(a)) : call("Math.floor", binary("/", printDim(a.num, symbol), printDim(a.den, symbol))))),
  }));
  // positive terms first, so that "1-T" does not begin with a sign; among equals the constant last
  parts.sort((a, b) => Math.sign(b.coefficient) - Math.sign(a.coefficient) || Number(a.factors.length === 0) - Number(b.factors.length === 0));
  return sumOf(parts.map(({ coefficient, factors }) => ({ negative: coefficient < 0, code: productOf(Math.abs(coefficient), factors) })));
}

function productOf(coefficient: number, factors: readonly Code[]): Code {
  const all = coefficient === 1 && factors.length > 0 ? factors : [literal(coefficient), ...factors];
  return all.reduce((a, b) => binary("*", a, b));
}

/** `a + b - c`, from terms with signs. */
export function sumOf(terms: readonly { readonly negative: boolean; readonly code: Code }[]): Code {
  if (terms.length === 0) return literal(0);
  const [first, ...rest] = terms;
  return rest.reduce<Code>((sum, t) => binary(t.negative ? "-" : "+", sum, t.code), first.negative ? negate(first.code) : first.code);
}
