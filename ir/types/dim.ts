/**
 * Dimensions: numbers, or exact integer expressions over named symbols (`"B"`, `"2*B"`, `"T-1"`,
 * `"(T+1)//2"`).
 *
 * A symbolic dimension is its own canonical text, so two dimensions are equal exactly when they are `===`,
 * and a dimension prints, serialises and types as itself. Arithmetic parses the text into a polynomial with
 * integer coefficients, computes, and prints it again (memoised). `//` is division rounded down; it is an
 * atom of the polynomial unless it divides exactly.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** A polynomial: monomial (sorted atom names joined by `*`, `""` for the constant) to its coefficient. */
type Poly = ReadonlyMap<string, number>;

const parsed = new Map<string, Poly>();

function toPoly(d: Dim): Poly {
  if (typeof d === "number") return d === 0 ? new Map() : new Map([["", d]]);
  let p = parsed.get(d);
  if (!p) parsed.set(d, (p = parse(d)));
  return p;
}

function toDim(p: Poly): Dim {
  if (p.size === 0) return 0;
  if (p.size === 1 && p.has("")) return p.get("")!;
  const monomials = [...p.keys()].sort((a, b) => degree(b) - degree(a) || (a < b ? -1 : 1));
  let text = "";
  for (const m of monomials) {
    const c = p.get(m)!;
    const size = Math.abs(c);
    const body = m === "" ? `${size}` : size === 1 ? m : `${size}*${m}`;
    text += text === "" ? (c < 0 ? `-${body}` : body) : (c < 0 ? `-${body}` : `+${body}`);
  }
  if (!parsed.has(text)) parsed.set(text, p);
  return text;
}

/** Atoms of a monomial; `//` atoms are parenthesised, so `*` inside them is not a separator. */
function atoms(monomial: string): string[] {
  const out: string[] = [];
  let depth = 0, start = 0;
  for (let i = 0; i <= monomial.length; i++) {
    const c = monomial[i];
    if (c === "(") depth++;
    else if (c === ")") depth--;
    else if ((c === "*" && depth === 0) || i === monomial.length) {
      if (i > start) out.push(monomial.slice(start, i));
      start = i + 1;
    }
  }
  return out;
}
const degree = (m: string): number => atoms(m).length;

function addPoly(a: Poly, b: Poly, scale = 1): Poly {
  const out = new Map(a);
  for (const [m, c] of b) {
    const sum = (out.get(m) ?? 0) + scale * c;
    if (sum === 0) out.delete(m);
    else out.set(m, sum);
  }
  return out;
}

function mulPoly(a: Poly, b: Poly): Poly {
  let out: Poly = new Map();
  for (const [m, c] of a)
    for (const [n, e] of b) out = addPoly(out, new Map([[[...atoms(m), ...atoms(n)].sort().join("*"), c * e]]));
  return out;
}

/** Exact quotient, or undefined: by a monomial, term by term; by a polynomial, by long division. */
function divPoly(a: Poly, b: Poly): Poly | undefined {
  if (a.size === 0) return a;
  if (b.size === 0) return undefined;
  const lead = (p: Poly) => [...p.keys()].sort((x, y) => degree(y) - degree(x) || (x < y ? -1 : 1))[0];
  const lb = lead(b), cb = b.get(lb)!;
  let rest = a, quotient: Poly = new Map();
  for (let i = 0; rest.size > 0; i++) {
    if (i > 64) return undefined;
    const la = lead(rest), ca = rest.get(la)!;
    if (ca % cb !== 0) return undefined;
    const left = atoms(la);
    for (const atom of atoms(lb)) {
      const at = left.indexOf(atom);
      if (at < 0) return undefined;
      left.splice(at, 1);
    }
    const term: Poly = new Map([[left.join("*"), ca / cb]]);
    quotient = addPoly(quotient, term);
    rest = addPoly(rest, mulPoly(term, b), -1);
  }
  return quotient;
}

function parse(text: string): Poly {
  const tokens = text.match(/\/\/|[A-Za-z_]\w*|\d+|[-+*()]|\S/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new Error(`"${text}" is not a dimension: write a number, a name such as "B", or a sum and product of them ("2*B+1")`);
  };
  const sum = (): Poly => {
    let left: Poly;
    if (tokens[at] === "-") { at++; left = mulPoly(toPoly(-1), product()); } else left = product();
    while (tokens[at] === "+" || tokens[at] === "-") {
      const sign = tokens[at++] === "+" ? 1 : -1;
      left = addPoly(left, product(), sign);
    }
    return left;
  };
  const product = (): Poly => {
    let left = factor();
    while (tokens[at] === "*" || tokens[at] === "//") {
      if (tokens[at++] === "*") left = mulPoly(left, factor());
      else left = toPoly(floorDiv(toDim(left), toDim(factor())));
    }
    return left;
  };
  const factor = (): Poly => {
    const t = tokens[at++];
    if (t === undefined) return fail();
    if (t === "(") { const inner = sum(); if (tokens[at++] !== ")") fail(); return inner; }
    if (/^\d+$/.test(t)) return toPoly(Number(t));
    if (/^[A-Za-z_]/.test(t)) return new Map([[t, 1]]);
    return fail();
  };
  const p = sum();
  if (at !== tokens.length) fail();
  return p;
}

/** Canonical form of a dimension a user wrote (`"B * 2"` becomes `"2*B"`). Throws on text that is no dimension. */
export const dim = (d: Dim): Dim => (typeof d === "number" ? d : toDim(toPoly(d)));

export const add = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a + b : toDim(addPoly(toPoly(a), toPoly(b)));
export const sub = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a - b : toDim(addPoly(toPoly(a), toPoly(b), -1));
export const mul = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a * b : toDim(mulPoly(toPoly(a), toPoly(b)));

/** Exact quotient `a / b`, or undefined where `b` does not divide `a` for every value of the symbols. */
export function divExact(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === "number" && typeof b === "number") return b !== 0 && a % b === 0 ? a / b : undefined;
  const q = divPoly(toPoly(a), toPoly(b));
  return q && toDim(q);
}

/** `a / b` rounded down. */
export function floorDiv(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.floor(a / b);
  const exact = divExact(a, b);
  if (exact !== undefined) return exact;
  return toDim(new Map([[`((${a})//(${b}))`, 1]]));
}
/** `a / b` rounded up. */
export const ceilDiv = (a: Dim, b: Dim): Dim => floorDiv(add(a, sub(b, 1)), b);

/** Number of elements of a shape. */
export const product = (shape: Shape): Dim => shape.reduce<Dim>(mul, 1);

/** The symbols a dimension mentions, in order of appearance. */
export function symbolsOf(d: Dim): string[] {
  return typeof d === "number" ? [] : [...new Set(d.match(/[A-Za-z_]\w*/g) ?? [])];
}

/** Value of a dimension under a binding of its symbols. Throws where a symbol is not bound. */
export function evaluate(d: Dim, binding: Readonly<Record<string, number>>): number {
  if (typeof d === "number") return d;
  let total = 0;
  for (const [m, c] of toPoly(d)) {
    let term = c;
    for (const atom of atoms(m)) term *= evaluateAtom(atom, binding);
    total += term;
  }
  return total;
}

function evaluateAtom(atom: string, binding: Readonly<Record<string, number>>): number {
  if (!atom.startsWith("(")) {
    const value = binding[atom];
    if (value === undefined) throw new Error(`dimension "${atom}" has no value; bound are: ${Object.keys(binding).join(", ") || "none"}`);
    return value;
  }
  const [a, b] = splitQuotient(atom);
  return Math.floor(evaluate(a, binding) / evaluate(b, binding));
}

/** `"((a)//(b))"` to its canonical a and b. */
function splitQuotient(atom: string): [Dim, Dim] {
  const inner = atom.slice(1, -1);
  let depth = 0;
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] === "(") depth++;
    else if (inner[i] === ")") depth--;
    else if (inner[i] === "/" && depth === 0) return [dim(inner.slice(1, i - 1)), dim(inner.slice(i + 3, -1))];
  }
  throw new Error(`internal: "${atom}" is not a quotient`);
}

/** Replaces symbols by dimensions: `substitute("2*B", { B: "T+1" })` is `"2*T+2"`. */
export function substitute(d: Dim, binding: Readonly<Record<string, Dim>>): Dim {
  if (typeof d === "number") return d;
  let total: Dim = 0;
  for (const [m, c] of toPoly(d)) {
    let term: Dim = c;
    for (const atom of atoms(m)) {
      if (!atom.startsWith("(")) term = mul(term, binding[atom] ?? atom);
      else {
        const [a, b] = splitQuotient(atom);
        term = mul(term, floorDiv(substitute(a, binding), substitute(b, binding)));
      }
    }
    total = add(total, term);
  }
  return total;
}

/** Least values of symbols in the model being declared, where it gives them a range; 1 otherwise. */
let minima: Readonly<Record<string, number>> = {};

/** Runs `body` with symbols known to be at least as large as given. */
export function withMinima<T>(least: Readonly<Record<string, number>>, body: () => T): T {
  const before = minima;
  minima = least;
  try { return body(); } finally { minima = before; }
}

/**
 * Whether `a >= b` for every value of the symbols, which are at least 1 (or what {@link withMinima} says): true,
 * false (never), or undefined (it depends). Sound, not complete: it looks at coefficients only.
 */
export function atLeast(a: Dim, b: Dim): boolean | undefined {
  const d = sub(a, b);
  if (typeof d === "number") return d >= 0;
  let lowest = 0, highest = 0; // bounds of the value, symbols from their least and quotients from 0 to infinity
  for (const [m, c] of toPoly(d)) {
    const isConstant = m === "";
    const least = atoms(m).reduce((product, atom) => product * (atom.startsWith("(") ? 0 : (minima[atom] ?? 1)), 1);
    lowest += c > 0 ? c * least : isConstant ? c : -Infinity;
    highest += c < 0 ? c * least : isConstant ? c : Infinity;
  }
  if (lowest >= 0) return true;
  if (highest < 0) return false;
  return undefined;
}

/** The terms of a dimension as `[coefficient, atoms]`, for printers in other languages. Quotient atoms are `{ num, den }`. */
export function terms(d: Dim): { coefficient: number; atoms: (string | { num: Dim; den: Dim })[] }[] {
  return [...toPoly(d)].map(([m, coefficient]) => ({
    coefficient,
    atoms: atoms(m).map((a) => {
      if (!a.startsWith("(")) return a;
      const [num, den] = splitQuotient(a);
      return { num, den };
    }),
  }));
}
