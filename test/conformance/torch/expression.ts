import { full, Tensor } from "chainrule";
import { Unsupported } from "../outcome.ts";

/** Functions that an expression may call, of Python's `math` and built in. */
const functions: Readonly<Record<string, (...x: readonly Tensor[]) => Tensor>> = {
  min: (...x) => x.reduce((a, b) => a.minimum(b)), max: (...x) => x.reduce((a, b) => a.maximum(b)), abs: (x) => x.abs(), pow: (x, y) => x.pow(y), float: (x) => x, int: (x) => x.trunc(),
  exp: (x) => x.exp(), log: (x) => x.log(), sqrt: (x) => x.sqrt(), sin: (x) => x.sin(), cos: (x) => x.cos(), tanh: (x) => x.tanh(), floor: (x) => x.floor(), ceil: (x) => x.ceil(),
};
const comparisons: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  "<=": (a, b) => a.le(b), ">=": (a, b) => a.ge(b), "==": (a, b) => a.eq(b), "!=": (a, b) => a.ne(b), "<": (a, b) => a.lt(b), ">": (a, b) => a.gt(b),
};
const sums: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = { "+": (a, b) => a.add(b), "-": (a, b) => a.sub(b) };
const products: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = { "*": (a, b) => a.mul(b), "/": (a, b) => a.div(b), "//": (a, b) => a.div(b).floor(), "%": (a, b) => a.remainder(b) };

/**
 * The value of a Python expression of one variable (`0.9 ** epoch`, `lambda e: 1 if e < 5 else 0.1`): numbers, arithmetic,
 * comparisons, conditions and a few functions. What else it holds makes the case unsupported.
 */
export function evaluate(source: string, variable: string, value: Tensor): Tensor {
  const named = /^\s*lambda\s+(\w+)\s*:(.*)$/s.exec(source);
  const name = named ? named[1] : variable, text = named ? named[2] : source;
  const tokens = text.match(/\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[A-Za-z_][\w.]*|\*\*|\/\/|[<>=!]=|[-+*/%()<>,]/g) ?? [];
  if (tokens.join("") !== text.replace(/\s/g, "")) throw new Unsupported(`the expression ${source}`);
  const number = (x: number): Tensor => full(value.shape, x, value.dtype);
  let at = 0;
  const take = (token: string): boolean => tokens[at] === token && ++at > 0;
  const expect = (token: string): void => { if (!take(token)) throw new Unsupported(`the expression ${source}`); };
  /** `next (op next)*`, from the left. */
  const chain = (next: () => Tensor, operators: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>>): Tensor => {
    let x = next();
    while (at < tokens.length && Object.hasOwn(operators, tokens[at])) x = operators[tokens[at++]](x, next());
    return x;
  };

  function condition(): Tensor {
    const chosen = comparison();
    if (!take("if")) return chosen;
    const test = comparison();
    expect("else");
    return (test.dtype === "bool" ? test : test.ne(0)).where(chosen, condition());
  }
  function comparison(): Tensor { return chain(sum, comparisons); }
  function sum(): Tensor { return chain(product, sums); }
  function product(): Tensor { return chain(signed, products); }
  function signed(): Tensor { return take("-") ? signed().neg() : take("+") ? signed() : power(); }
  function power(): Tensor {
    const x = atom();
    return take("**") ? x.pow(signed()) : x;
  }
  function atom(): Tensor {
    const token = tokens[at++] ?? "";
    if (/^[\d.]/.test(token)) return number(Number(token));
    if (token === name) return value;
    if (token === "math.pi") return number(Math.PI);
    if (token === "(") {
      const x = condition();
      expect(")");
      return x;
    }
    const f = token.replace(/^math\./, "");
    if (!Object.hasOwn(functions, f)) throw new Unsupported(`the expression ${source}`);
    expect("(");
    const operands = [condition()];
    while (take(",")) operands.push(condition());
    expect(")");
    return functions[f](...operands);
  }

  const result = condition();
  if (at !== tokens.length) throw new Unsupported(`the expression ${source}`);
  return result.dtype === value.dtype ? result : result.convert(value.dtype);
}
