/**
 * Pieces of JavaScript with how tightly they bind, so that parentheses stand where they are needed and nowhere else.
 */
export interface Code {
  readonly text: string;
  /** How tightly the outermost operator binds: one of {@link level}. */
  readonly level: number;
}

/** Binding strengths, as the ECMAScript grammar has them: a larger one binds tighter. */
export const level = {
  conditional: 1, or: 2, and: 3, bitOr: 4, bitXor: 5, bitAnd: 6, equality: 7, relational: 8, shift: 9,
  additive: 10, multiplicative: 11, power: 12, unary: 13, primary: 14,
} as const;

export const primary = (text: string): Code => ({ text, level: level.primary });

/** The text of a piece where something that binds at least as tightly as `least` must stand. */
export const within = (code: Code, least: number): string => (code.level >= least ? code.text : `(${code.text})`);

/** A number as a literal; −0, NaN and the infinities included. */
export function literal(value: number): Code {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return { text, level: text.startsWith("-") ? level.unary : level.primary };
}

const binaryLevel: Record<string, number> = {
  "||": level.or, "&&": level.and, "|": level.bitOr, "^": level.bitXor, "&": level.bitAnd,
  "===": level.equality, "!==": level.equality, "<": level.relational, "<=": level.relational, ">": level.relational, ">=": level.relational,
  "<<": level.shift, ">>": level.shift, ">>>": level.shift,
  "+": level.additive, "-": level.additive, "*": level.multiplicative, "/": level.multiplicative, "%": level.multiplicative,
  "**": level.power,
};
const isBitwise = (p: number): boolean => (p >= level.bitOr && p <= level.bitAnd) || p === level.shift;

/** `a op b`. Operands of bitwise operators are parenthesised unless atomic: hardly anyone knows those precedences. */
export function binary(op: string, a: Code, b: Code): Code {
  const p = binaryLevel[op];
  return { text: `${within(a, leastBefore(op))} ${op} ${within(b, leastAfter(op))}`, level: p };
}

/** What must bind at least how tightly to stand before an operator. The base of `**` may not even be a sign. */
function leastBefore(op: string): number {
  const p = binaryLevel[op];
  return isBitwise(p) ? level.unary : p === level.power ? level.primary : p;
}
/** … and after it: operators group to the left, except `**`. */
function leastAfter(op: string): number {
  const p = binaryLevel[op];
  return isBitwise(p) ? level.unary : p === level.power ? p : p + 1;
}

export function negate(a: Code): Code {
  const inner = within(a, level.unary);
  return { text: inner.startsWith("-") ? `-(${inner})` : `-${inner}`, level: level.unary };
}

/** `test ? a : b`. */
export function conditional(test: Code, a: Code, b: Code): Code {
  return { text: `${within(test, level.or)} ? ${within(a, level.conditional)} : ${within(b, level.conditional)}`, level: level.conditional };
}

export const call = (name: string, ...args: readonly Code[]): Code => primary(`${name}(${args.map((a) => a.text).join(", ")})`);

/** A template of a scalar op, taken apart: text, and places for operands with what they must bind at least as tightly as. */
export interface Template {
  readonly pieces: readonly (string | { readonly operand: number; readonly least: number })[];
  readonly level: number;
  /** How often each operand stands in it. */
  readonly uses: readonly number[];
}

const templates = new Map<string, Template>();

/** Takes `"$0 + $1"` apart. */
export function template(source: string): Template {
  let t = templates.get(source);
  if (!t) templates.set(source, (t = parseTemplate(source)));
  return t;
}

function parseTemplate(source: string): Template {
  const tokens = stripParentheses(source.match(/\$\d|\*\*|===|!==|<=|>=|<<|>>>|>>|&&|\|\||[\w.]+|\s+|./g) ?? []);
  const solid = tokens.filter((t) => t.trim() !== "");
  const pieces: (string | { operand: number; least: number })[] = [];
  const uses: number[] = [];
  let outermost: number = level.primary, depth = 0, at = 0;
  for (const token of tokens) {
    if (token.trim() === "") { pieces.push(token); continue; }
    const before = solid[at - 1], after = solid[at + 1];
    const isPrefix = before === undefined || !/^[\w.$)]/.test(before);
    at++;
    if (token === "(") depth++;
    else if (token === ")") depth--;
    else if (depth === 0 && /^[?:]$/.test(token)) outermost = Math.min(outermost, level.conditional);
    else if (depth === 0 && /^[-!~]$/.test(token) && isPrefix) outermost = Math.min(outermost, level.unary);
    else if (depth === 0 && token in binaryLevel) outermost = Math.min(outermost, binaryLevel[token]);
    if (!token.startsWith("$")) { pieces.push(token); continue; }
    const operand = Number(token.slice(1));
    uses[operand] = (uses[operand] ?? 0) + 1;
    const beforeThat = solid[at - 3];
    const prefixed = before !== undefined && /^[-!~]$/.test(before) && (beforeThat === undefined || !/^[\w.$)]/.test(beforeThat));
    const left = before === undefined ? 0 : prefixed ? level.unary : before in binaryLevel ? leastAfter(before) : 0;
    const right = after === undefined ? 0 : after === "?" ? level.or : after in binaryLevel ? leastBefore(after) : 0;
    pieces.push({ operand, least: Math.max(left, right) });
  }
  return { pieces, level: outermost, uses };
}

/** Drops parentheses around the whole: they come back where they are needed. */
function stripParentheses(tokens: readonly string[]): readonly string[] {
  if (tokens[0] !== "(" || tokens[tokens.length - 1] !== ")") return tokens;
  let depth = 0;
  for (const [i, t] of tokens.entries()) {
    if (t === "(") depth++;
    else if (t === ")" && --depth === 0 && i < tokens.length - 1) return tokens;
  }
  return tokens.slice(1, -1);
}

/** A template with its operands put in. */
export function instantiate(t: Template, operands: readonly Code[]): Code {
  let text = "";
  for (const piece of t.pieces) {
    if (typeof piece === "string") { text += piece; continue; }
    const inner = within(operands[piece.operand], piece.least);
    text += text.endsWith("-") && inner.startsWith("-") ? `(${inner})` : inner;
  }
  return { text, level: t.level };
}
