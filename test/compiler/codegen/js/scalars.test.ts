import { expect, test } from "vitest";
import { isScalarName, scalarRecords, type ScalarName } from "../../../../ir/ops/index.ts";
import { arrayType, isFloat, mathTypes, roundTo, type MathType } from "../../../../ir/types/index.ts";
import { allows } from "../../../../ir/ops/elementwise/record.ts";
import type { Expr } from "../../../../compiler/loops/ir.ts";
import { defined, grid, tuples } from "../scalars.ts";
import { arg, compileKernel, functionText, index, kernel, load, loop, scalar, store, variable } from "./kernels.ts";

const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** Runs a kernel that stores `value(operands)` for each tuple, and gives what is in memory after. */
function evaluate(operandDtype: MathType, resultDtype: MathType, columns: readonly (readonly number[])[], value: (operands: Expr[]) => Expr): ArrayLike<number> {
  const n = columns[0].length, i = variable("i", n), at = index(0, [i, 1]);
  const k = kernel("probe", [...columns.map((_, c) => arg(`x${c}`, operandDtype, n)), arg("out", resultDtype, n, "write")],
    [loop(i, [store(columns.length, at, value(columns.map((_, c) => load(operandDtype, c, at))))])]);
  const out = new arrayType[resultDtype](n);
  compileKernel(k)(...columns.map((c) => new arrayType[operandDtype](c)), out);
  return out;
}

const names = Object.keys(scalarRecords).filter(isScalarName);

for (const name of names) {
  const { scalar: row } = scalarRecords[name];
  for (const dtype of mathTypes.filter((d) => (name === "threefry" ? d === "u32" : allows(row.domain, d)))) {
    test(`${name} on ${dtype}: as its record says, at special values`, () => {
      const rows = tuples(grid[dtype], row.arity);
      const columns = Array.from({ length: row.arity }, (_, c) => rows.map((r) => r[c]));
      const result = row.result ?? dtype;
      const want = defined(name, dtype, result, columns);
      const got = evaluate(dtype, result, columns, (x) => scalar(result, name, ...x));
      for (const [i, w] of want.entries())
        if (!same(got[i], w)) expect.fail(`${name}(${rows[i].join(", ")}) is ${got[i]}, not ${w}`);
    });
  }
}

// operands that are expressions themselves: precedence, and operands that stand twice in a template
for (const name of names) {
  const { scalar: row } = scalarRecords[name];
  for (const dtype of mathTypes.filter((d) => name !== "threefry" && allows(row.domain, d) && d !== "bool")) {
    test(`${name} on ${dtype}: of expressions, and inside one`, () => {
      const rows = tuples(grid[dtype].filter((_, i) => i % 2 === 0), row.arity);
      const columns = Array.from({ length: row.arity }, (_, c) => rows.map((r) => r[c]));
      const result = row.result ?? dtype;
      // each operand is (x − y): as an expression in the kernel, and computed before
      const minus = (x: Expr, y: Expr) => scalar(dtype, "sub", x, y);
      const differences = columns.map((c, k) => c.map((x, i) => roundTo(dtype, x - columns[(k + 1) % columns.length][i])));
      const exact = dtype === "f32" ? columns.map((c, k) => c.map((x, i) => x - columns[(k + 1) % columns.length][i])) : differences;
      const inner = defined(name, dtype, result, exact);
      const got = evaluate(dtype, result, columns, (x) => scalar(result, name, ...x.map((a, k) => minus(a, x[(k + 1) % x.length]))));
      for (const [i, w] of inner.entries())
        if (!same(got[i], w)) expect.fail(`${name} of differences of (${rows[i].join(", ")}) is ${got[i]}, not ${w}`);
      if (result !== dtype || dtype === "f32") return;
      const negated = evaluate(dtype, result, columns, (x) => scalar(result, "neg", scalar(result, "mul", scalar(result, name, ...x), x[0])));
      const direct = defined(name, dtype, result, columns);
      const product = defined("mul", dtype, result, [direct, columns[0]]);
      const outer = defined("neg", dtype, result, [product]);
      for (const [i, w] of outer.entries())
        if (!same(negated[i], w)) expect.fail(`-(${name}(${rows[i].join(", ")}) * x) is ${negated[i]}, not ${w}`);
    });
  }
}

for (const from of mathTypes)
  for (const to of mathTypes)
    test(`convert ${from} to ${to}`, () => {
      const columns = [[...grid[from], ...(isFloat(from) ? [2147483648.5, -2147483649, 4294967296.75, 300.9, -1.9, 1e300].map((x) => roundTo(from, x)) : [])]];
      const want = defined("convert", from, to, columns, { dtype: to });
      const got = evaluate(from, to, columns, ([x]) => ({ kind: "convert", dtype: to, arg: x }));
      for (const [i, w] of want.entries())
        if (!same(got[i], w)) expect.fail(`convert(${columns[0][i]}) is ${got[i]}, not ${w}`);
      // and used as a number, not stored: a bool that came of a comparison counts as 0 or 1
      if (to === "bool" || isFloat(from)) return;
      const doubled = evaluate(from, to, columns, ([x]) => { const y: Expr = { kind: "convert", dtype: to, arg: x }; return scalar(to, "add", y, y); });
      for (const [i, w] of defined("add", to, to, [want, want]).entries())
        if (!same(doubled[i], w)) expect.fail(`convert(${columns[0][i]}) twice is ${doubled[i]}, not ${w}`);
    });

test("parentheses stand where the grammar needs them, and nowhere else", () => {
  const n = 4, i = variable("i", n), at = index(0, [i, 1]);
  const a = load("f64", 0, at), b = load("f64", 1, at);
  const text = (e: Expr): string => /out\[i\] = (.*);/.exec(functionText(kernel("k", [arg("a", "f64", n), arg("b", "f64", n), arg("out", e.dtype, n, "write")], [loop(i, [store(2, at, e)])])))![1];
  const s = (op: ScalarName, ...args: Expr[]) => scalar("f64", op, ...args);
  const num = (value: number): Expr => ({ kind: "const", dtype: "f64", value });
  expect(text(s("add", s("mul", a, b), a))).toBe("a[i] * b[i] + a[i]");
  expect(text(s("mul", s("add", a, b), a))).toBe("(a[i] + b[i]) * a[i]");
  expect(text(s("sub", a, s("sub", b, a)))).toBe("a[i] - (b[i] - a[i])");
  expect(text(s("sub", s("sub", a, b), a))).toBe("a[i] - b[i] - a[i]");
  expect(text(s("neg", s("neg", a)))).toBe("-(-a[i])");
  expect(text(s("neg", num(-1)))).toBe("-(-1)");
  expect(text(s("sub", a, num(-0)))).toBe("a[i] - -0");
  expect(text(s("exp2", s("neg", a)))).toBe("2 ** -a[i]");
  expect(text(s("exp2", s("exp2", a)))).toBe("2 ** 2 ** a[i]");
  expect(text(s("neg", s("exp2", a)))).toBe("-(2 ** a[i])");
  expect(text(s("reciprocal", s("reciprocal", a)))).toBe("1 / (1 / a[i])");
  expect(text(s("maximum", s("add", a, b), b))).toBe("Math.max(a[i] + b[i], b[i])");
  expect(text(scalar("bool", "isNan", a))).toBe("isNanOf(a[i]) ? 1 : 0");
  expect(text({ kind: "select", dtype: "f64", pred: scalar("bool", "gt", a, num(0)), a, b: num(0) })).toBe("a[i] > 0 ? a[i] : 0");
  expect(text({ kind: "convert", dtype: "f64", arg: scalar("bool", "lt", a, b) })).toBe("a[i] < b[i] ? 1 : 0");
  expect(text(scalar("bool", "bitAnd", scalar("bool", "lt", a, b), scalar("bool", "gt", a, num(-Infinity))))).toBe("(a[i] < b[i]) & (a[i] > -Infinity)");
});
