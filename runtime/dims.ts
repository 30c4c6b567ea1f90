/**
 * Dimensions as the manifest has them: numbers, or the text of integer arithmetic on symbols
 * (`"2*B+1"`, `"((T+1)//(2))"`).
 */
export type Dim = number | string;
export type Binding = Record<string, number>;

type Compiled = (binding: Binding) => number;
const compiled = new Map<string, Compiled>();

/** The value of a dimension; NaN where a symbol in it has none. */
export function evaluate(d: Dim, binding: Binding): number {
  if (typeof d === "number") return d;
  let f = compiled.get(d);
  if (!f) compiled.set(d, (f = compile(d)));
  return f(binding);
}

export const symbolsOf = (d: Dim): string[] => (typeof d === "number" ? [] : d.match(/[A-Za-z_]\w*/g) ?? []);

/** Recursive descent over `sum := ["-"] product (("+"|"-") product)*`, `product := factor (("*"|"//") factor)*`. */
function compile(text: string): Compiled {
  const tokens = text.match(/\/\/|\w+|\S/g) ?? [];
  let at = 0;
  const chain = (next: () => Compiled, ops: Record<string, (a: number, b: number) => number>): Compiled => {
    let left = next();
    while (tokens[at] in ops) {
      const op = ops[tokens[at++]], a = left, b = next();
      left = (s) => op(a(s), b(s));
    }
    return left;
  };
  const sum = (): Compiled => {
    if (tokens[at] === "-") tokens.splice(at, 0, "0");
    return chain(product, { "+": (a, b) => a + b, "-": (a, b) => a - b });
  };
  const product = (): Compiled => chain(factor, { "*": (a, b) => a * b, "//": (a, b) => Math.floor(a / b) });
  const factor = (): Compiled => {
    const t = tokens[at++];
    if (t === "(") {
      const inner = sum();
      at++;
      return inner;
    }
    return /^\d/.test(t) ? () => Number(t) : (s) => s[t] ?? NaN;
  };
  return sum();
}

/**
 * The value from 1 up of the one unknown of `f` for which it is `target`, or undefined where there is none or more
 * than one. `f` is linear, or grows with its argument.
 */
export function solve(f: (x: number) => number, target: number): number | undefined {
  const slope = f(2) - f(1);
  const linear = 1 + (target - f(1)) / slope;
  if (Number.isInteger(linear) && f(linear) === target && f(linear + 1) - target === slope && f(linear - 1) - target === -slope) return linear;
  let low = 0, high = 2 ** 31;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (f(middle) < target) low = middle;
    else high = middle;
  }
  return f(high) === target && f(high + 1) !== target ? high : undefined;
}
