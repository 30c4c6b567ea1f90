import fc from "fast-check";
import { expect, test } from "vitest";
import { binary, conditional, instantiate, literal, negate, primary, template, type Code } from "../../../../compiler/codegen/js/code.ts";
import { printDim } from "../../../../compiler/codegen/js/dims.ts";
import { dims, type Dim } from "../../../../ir/types/index.ts";

/** An expression with the value it must have. */
interface Meant { readonly code: Code; readonly value: number }

const operators: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "%": (a, b) => a % b, "**": (a, b) => a ** b,
  "|": (a, b) => a | b, "&": (a, b) => a & b, "^": (a, b) => a ^ b, ">>>": (a, b) => a >>> b, "<<": (a, b) => a << b,
};

const { tree } = fc.letrec<{ tree: Meant }>((tie) => ({
  tree: fc.oneof({ depthSize: "medium" },
    fc.constantFrom(0, -0, 1, -1, 2, 3, -2.5, 0.5).map((value): Meant => ({ code: literal(value), value })),
    fc.tuple(fc.constantFrom(...Object.keys(operators)), tie("tree"), tie("tree")).map(([op, a, b]): Meant => ({ code: binary(op, a.code, b.code), value: operators[op](a.value, b.value) })),
    tie("tree").map((a): Meant => ({ code: negate(a.code), value: -a.value })),
    fc.tuple(tie("tree"), tie("tree"), tie("tree")).map(([p, a, b]): Meant => ({ code: conditional(p.code, a.code, b.code), value: p.value ? a.value : b.value })),
    fc.tuple(tie("tree"), tie("tree")).map(([a, b]): Meant => ({ code: instantiate(template("($1 === 0 ? 0 : $0 / $1 - -$0)"), [a.code, b.code]), value: b.value === 0 ? 0 : a.value / b.value - -a.value })),
    fc.tuple(tie("tree"), tie("tree")).map(([a, b]): Meant => ({ code: instantiate(template("Math.max($0, ~$1)"), [a.code, b.code]), value: Math.max(a.value, ~b.value) })),
  ),
}));

const run = (text: string, scope: Record<string, number> = {}): number => new Function(...Object.keys(scope), `"use strict"; return ${text};`)(...Object.values(scope)) as number;

test("what is put together means what it is put together of", () => {
  fc.assert(fc.property(tree, ({ code, value }) => { expect(run(code.text)).toBe(value); }), { numRuns: 500 });
});

test("templates: where operands stand decides their parentheses", () => {
  const sum = binary("+", primary("a"), primary("b"));
  expect(instantiate(template("$0 ** $1"), [negate(primary("a")), negate(primary("b"))]).text).toBe("(-a) ** -b");
  expect(instantiate(template("$0 !== $0"), [sum]).text).toBe("a + b !== a + b");
  expect(instantiate(template("~$0"), [sum]).text).toBe("~(a + b)");
  expect(instantiate(template("f($0, $1)"), [sum, conditional(primary("p"), sum, sum)]).text).toBe("f(a + b, p ? a + b : a + b)");
  expect(template("$1 < 0 ? -$0 : $0").uses).toEqual([2, 1]);
});

test("a dimension prints as arithmetic that has its value", () => {
  const dimension: fc.Arbitrary<Dim> = fc.letrec<{ d: Dim }>((tie) => ({
    d: fc.oneof({ depthSize: "small" }, fc.integer({ min: -3, max: 9 }), fc.constantFrom("B", "T"),
      fc.tuple(tie("d"), tie("d")).map(([a, b]) => dims.add(a, b)), fc.tuple(tie("d"), tie("d")).map(([a, b]) => dims.sub(a, b)),
      fc.tuple(tie("d"), tie("d")).map(([a, b]) => dims.mul(a, b)), fc.tuple(tie("d"), fc.integer({ min: 1, max: 4 })).map(([a, b]) => dims.floorDiv(a, b))),
  })).d;
  fc.assert(fc.property(dimension, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (d, B, T) => {
    expect(run(printDim(d, (s) => s).text, { B, T }) + 0).toBe(dims.evaluate(d, { B, T }) + 0);
  }), { numRuns: 300 });
  expect(printDim("T-1", (s) => s).text).toBe("T - 1");
  expect(printDim(dims.sub(1, "T"), (s) => s).text).toBe("1 - T");
  expect(printDim(dims.mul(4, dims.floorDiv(dims.add("T", 1), 2)), (s) => s).text).toBe("4 * Math.floor((T + 1) / 2)");
});
