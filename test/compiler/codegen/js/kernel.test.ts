import { expect, test } from "vitest";
import type { Expr, Stmt } from "../../../../compiler/loops/ir.ts";
import { originText } from "../../../../compiler/codegen/js/kernel.ts";
import { arg, compileKernel, constant, functionText, index, kernel, load, loop, ref, scalar, store, variable } from "./kernels.ts";

const i = variable("i", "B"), j = variable("j", 3), k = variable("k", "2*B+1");

test("a matrix product with an unrolled loop and its remainder", () => {
  const kk = variable("k", 5);
  const product = (shift: number): Expr => scalar("f32", "mul", load("f32", 0, index(shift, [i, 5], [kk, 1])), load("f32", 1, index(shift * 3, [kk, 3], [j, 1])));
  const fold = (shift: number): Stmt => ({ kind: "fold", name: "sum0", dtype: "f32", reducer: "sum", value: product(shift) });
  const matmul = kernel("matmul", [arg("x", "f32", "5*B"), arg("w.1", "f32", 15), arg("out", "f32", "3*B", "write")], [
    loop(i, [loop(j, [
      { kind: "acc", name: "sum0", dtype: "f32", init: 0 },
      loop(kk, [fold(0), fold(1)], { step: 2 }),
      loop(kk, [fold(0)], { resume: true }),
      store(2, index(0, [i, 3], [j, 1]), scalar("f32", "maximum", ref("f32", "sum0"), constant("f32", 0))),
    ])]),
  ]);
  expect(functionText(matmul)).toBe(`\
function matmul(x, w_1, out, B) {
  for (let i = 0; i < B; i++) {
    for (let j = 0; j < 3; j++) {
      let sum0 = 0;
      let k = 0;
      for (; k + 2 <= 5; k += 2) {
        sum0 += x[i * 5 + k] * w_1[k * 3 + j];
        sum0 += x[i * 5 + k + 1] * w_1[k * 3 + j + 3];
      }
      for (; k < 5; k++) {
        sum0 += x[i * 5 + k] * w_1[k * 3 + j];
      }
      out[i * 3 + j] = Math.max(sum0, 0);
    }
  }
}`);
  const x = Float32Array.from({ length: 10 }, (_, n) => n - 4), w = Float32Array.from({ length: 15 }, (_, n) => n % 4), out = new Float32Array(6);
  compileKernel(matmul)(x, w, out, 2);
  const want = Array.from({ length: 6 }, (_, n) => Math.max(0, [0, 1, 2, 3, 4].reduce((s, q) => s + x[Math.floor(n / 3) * 5 + q] * w[q * 3 + (n % 3)], 0)));
  expect([...out]).toEqual(want);
});

test("two unrolled loops over one variable in one list declare it once", () => {
  const body = loop(i, [0, 1, 2, 3].map((shift) => store(0, index(shift, [i, 1]), constant("f32", 1), "sum")), { step: 4 });
  const rest = loop(i, [store(0, index(0, [i, 1]), constant("f32", 1), "sum")], { resume: true });
  const twice = kernel("twice", [arg("out", "f32", "B", "readwrite")], [body, rest, body, rest]);
  const out = new Float32Array(7);
  compileKernel(twice)(out, 7);
  expect([...out]).toEqual(new Array(7).fill(2));
});

test("indices: quotients, remainders, symbolic and negative strides", () => {
  const quotient = { kind: "div", of: index(0, [k, 1]), by: "B" } as const, rest = { kind: "mod", of: index(1, [k, 2]), by: "B" } as const;
  const e = load("f32", 0, index("B-1", [quotient, "-B"], [rest, 4]));
  const f = load("f32", 0, index(-1, [i, -1], [k, "3*B"]));
  const text = functionText(kernel("k", [arg("x", "f32", "B"), arg("out", "f32", "2*B+1", "write")], [loop(k, [loop(i, [store(1, index(0, [k, 1]), scalar("f32", "add", e, f))])])]));
  expect(text).toBe(`\
function k(x, out, B) {
  for (let k_2 = 0; k_2 < 2 * B + 1; k_2++) {
    for (let i = 0; i < B; i++) {
      out[k_2] = x[B - 1 - ((k_2 / B) | 0) * B + ((k_2 * 2 + 1) % B) * 4] + x[-1 - i + k_2 * (3 * B)];
    }
  }
}`.replaceAll("k_2", "k"));
});

test("quotients and remainders are right up to 2^31", () => {
  const n = variable("n", 1), big = 2 ** 31 - 1;
  for (const by of [1, 2, 3, 7, 1000, 65537, 46341, big - 1, big])
    for (const of of [0, by - 1, by, big - by, big - 1, big, Math.floor(big / by) * by - 1, Math.floor(big / by) * by]) {
      if (of < 0) continue;
      const at = index(of, [n, 1]);
      const parts = kernel("parts", [arg("out", "f64", 2, "write")], [loop(n, [
        store(0, index(0), { kind: "index", dtype: "f64", index: index(0, [{ kind: "div", of: at, by }, 1]) }),
        store(0, index(1), { kind: "index", dtype: "f64", index: index(0, [{ kind: "mod", of: at, by }, 1]) }),
      ])]);
      const out = new Float64Array(2);
      compileKernel(parts)(out);
      expect([...out], `${of} by ${by}`).toEqual([Number(BigInt(of) / BigInt(by)), of % by]);
    }
});

test("a guard does not evaluate what it does not choose", () => {
  const data: Expr = load("i32", 1, index(0, [i, 1]));
  const inside = load("f32", 0, index(0, [{ kind: "data", value: data, size: 3, note: "gather (m.ts:7)" }, 1]));
  const pad = kernel("pad", [arg("x", "f32", 3), arg("at", "i32", "B"), arg("out", "f32", "B", "write")], [
    loop(i, [store(2, index(0, [i, 1]), { kind: "guard", dtype: "f32", tests: [{ index: index(0, [i, 1]), low: 1, high: "B-1", step: 2 }], inside, outside: constant("f32", -1) })]),
  ]);
  expect(functionText(pad)).toBe(`\
function pad(x, at, out, B) {
  for (let i = 0; i < B; i++) {
    out[i] = i >= 1 && i < B - 1 && (i - 1) % 2 === 0 ? x[checkIndex(at[i], 3, "gather (m.ts:7)")] : -1;
  }
}`);
  const out = new Float32Array(6), x = Float32Array.of(10, 20, 30);
  compileKernel(pad)(x, Int32Array.of(99, 2, 99, 0, 99, 99), out, 6);
  expect([...out]).toEqual([-1, 30, -1, 10, -1, -1]);
  for (const bad of [3, -1])
    expect(() => compileKernel(pad)(x, Int32Array.of(99, bad, 99, 0, 99, 99), out, 6)).toThrow(`gather (m.ts:7): index ${bad} is out of range for size 3`);
});

test("argmax: the first of equals, and NaN wins; argmin alike", () => {
  const row = variable("r", 3), at = index(0, [i, 3], [row, 1]);
  const arg1 = (reducer: "max" | "min") => kernel(`arg${reducer}`, [arg("x", "f32", "3*B"), arg("out", "i32", "B", "write")], [
    loop(i, [
      { kind: "acc", name: "best", dtype: "f32", init: 0 }, { kind: "acc", name: "at", dtype: "i32", init: -1 },
      loop(row, [{ kind: "foldArg", best: "best", at: "at", reducer, value: load("f32", 0, at), index: index(0, [row, 1]) }]),
      store(1, index(0, [i, 1]), ref("i32", "at")),
    ]),
  ]);
  expect(functionText(arg1("max"))).toContain("if (at < 0 || best_candidate > best || (best_candidate !== best_candidate && best === best)) {");
  const rows = [[1, 2, 2], [-5, -7, -6], [NaN, 1, 2], [1, NaN, NaN], [-Infinity, -Infinity, -Infinity], [0, -0, 0], [3, Infinity, Infinity]];
  const x = Float32Array.from(rows.flat()), out = new Int32Array(rows.length);
  compileKernel(arg1("max"))(x, out, rows.length);
  expect([...out]).toEqual([1, 0, 0, 1, 0, 0, 1]);
  compileKernel(arg1("min"))(x, out, rows.length);
  expect([...out]).toEqual([0, 1, 0, 1, 0, 0, 0]);
});

test("folds wrap integers and keep NaN", () => {
  const fold = (dtype: "i32" | "u32" | "u8" | "f32" | "bool", reducer: "sum" | "prod" | "max" | "min" | "any" | "all", init: number, values: readonly number[]): number => {
    const type = { i32: Int32Array, u32: Uint32Array, u8: Uint8Array, bool: Uint8Array, f32: Float32Array }[dtype];
    const n = variable("n", values.length);
    const out = new type(1);
    compileKernel(kernel("fold", [arg("x", dtype, values.length), arg("out", dtype, 1, "write")], [
      { kind: "acc", name: "a", dtype, init },
      loop(n, [{ kind: "fold", name: "a", dtype, reducer, value: load(dtype, 0, index(0, [n, 1])) }]),
      store(1, index(0), ref(dtype, "a")),
    ]))(type.from(values), out);
    return out[0];
  };
  expect(fold("i32", "sum", 0, [2147483647, 1])).toBe(-2147483648);
  expect(fold("i32", "prod", 1, [65537, 65537, 3])).toBe(Math.imul(Math.imul(65537, 65537), 3));
  expect(fold("u32", "sum", 0, [4294967295, 2])).toBe(1);
  expect(fold("u32", "prod", 1, [4294967295, 4294967295])).toBe(1);
  expect(fold("u8", "sum", 0, [200, 100])).toBe(44);
  expect(fold("u8", "prod", 1, [16, 17])).toBe(16);
  expect(fold("f32", "max", -Infinity, [1, NaN, 2])).toBeNaN();
  expect(fold("f32", "min", Infinity, [3, 1, 2])).toBe(1);
  expect([fold("bool", "any", 0, [0, 1, 0]), fold("bool", "any", 0, [0, 0])]).toEqual([1, 0]);
  expect([fold("bool", "all", 1, [1, 0]), fold("bool", "all", 1, [1, 1])]).toEqual([0, 1]);
});

test("stores combine in the order of the loop", () => {
  const n = variable("n", 4);
  const scatter = (mode: "sum" | "prod" | "max" | "min" | "set") => {
    const out = Float32Array.of(1, 2, 5);
    const at: Expr = load("i32", 1, index(0, [n, 1]));
    compileKernel(kernel("scatter", [arg("x", "f32", 4), arg("at", "i32", 4), arg("out", "f32", 3, "readwrite")], [
      loop(n, [store(2, index(0, [{ kind: "data", value: at, size: 3, note: "scatter" }, 1]), load("f32", 0, index(0, [n, 1])), mode)]),
    ]))(Float32Array.of(10, 20, 3, 4), Int32Array.of(0, 0, 2, 2), out);
    return [...out];
  };
  expect(scatter("set")).toEqual([20, 2, 4]);
  expect(scatter("sum")).toEqual([31, 2, 12]);
  expect(scatter("prod")).toEqual([200, 2, 60]);
  expect(scatter("max")).toEqual([20, 2, 5]);
  expect(scatter("min")).toEqual([1, 2, 3]);
});

test("loops that count down", () => {
  const run = (step: number, extent: number): number[] => {
    const v = variable("v", "B");
    const out = new Int32Array(16);
    // out[out[15]++] = v
    compileKernel(kernel("down", [arg("out", "i32", 16, "readwrite")], [loop(v, [
      store(0, index(0, [{ kind: "data", value: load("i32", 0, index(15)), size: 15, note: "" }, 1]), { kind: "index", dtype: "i32", index: index(0, [v, 1]) }),
      store(0, index(15), constant("i32", 1), "sum"),
    ], { step, reverse: true })], { scalars: ["B"] }))(out, extent);
    return [...out.slice(0, out[15])];
  };
  expect(run(1, 4)).toEqual([3, 2, 1, 0]);
  expect(run(1, 0)).toEqual([]);
  expect(run(3, 8)).toEqual([3, 0]);
});

test("sort keeps equals in order, in both directions, NaN largest", () => {
  const sort = (descending: boolean) => kernel("sort", [arg("x", "f32", "5*B"), arg("values", "f32", "5*B", "write"), arg("positions", "i32", "5*B", "write")], [], { kind: "sort", sort: { outer: "B", length: 5, inner: 1, descending } });
  expect(functionText(sort(false))).toBe("function sort(x, values, positions, B) {\n  sortLines(x, values, positions, B, 5, 1, false);\n}");
  const x = Float32Array.of(3, NaN, 1, 3, -Infinity), values = new Float32Array(5), positions = new Int32Array(5);
  compileKernel(sort(false))(x, values, positions, 1);
  expect([[...values], [...positions]]).toEqual([[-Infinity, 1, 3, 3, NaN], [4, 2, 0, 3, 1]]);
  compileKernel(sort(true))(x, values, positions, 1);
  expect([[...values], [...positions]]).toEqual([[NaN, 3, 3, 1, -Infinity], [1, 0, 3, 2, 4]]);
});

test("a let of a comparison stays a boolean, and counts as a number where one is needed", () => {
  const x = load("f32", 0, index(0, [i, 1])), positive = ref("bool", "t0");
  const mask = kernel("mask", [arg("x", "f32", "B"), arg("relu", "f32", "B", "write"), arg("mask", "bool", "B", "write"), arg("count", "f32", "B", "write")], [loop(i, [
    { kind: "let", name: "t0", value: scalar("bool", "gt", x, constant("f32", 0)) },
    store(1, index(0, [i, 1]), { kind: "select", dtype: "f32", pred: positive, a: x, b: constant("f32", 0) }),
    store(2, index(0, [i, 1]), positive),
    store(3, index(0, [i, 1]), scalar("f32", "mul", { kind: "convert", dtype: "f32", arg: positive }, constant("f32", 2))),
  ])]);
  expect(functionText(mask)).toContain(`\
    const t0 = x[i] > 0;
    relu[i] = t0 ? x[i] : 0;
    mask[i] = t0 ? 1 : 0;
    count[i] = (t0 ? 1 : 0) * 2;`);
});

test("names of helpers, keywords and each other are kept apart", () => {
  const v = variable("checkIndex", 2);
  const text = functionText(kernel("k", [arg("class", "f32", 2), arg("a.b", "f32", 2), arg("a_b", "f32", 2, "write"), arg("pow", "f32", "B")], [
    loop(v, [store(2, index(0, [v, 1]), scalar("f32", "pow", load("f32", 0, index(0, [v, 1])), load("f32", 1, index(0, [v, 1]))))]),
  ]));
  expect(text).toBe(`\
function k(class_, a_b, a_b_2, pow_2, B) {
  for (let checkIndex_2 = 0; checkIndex_2 < 2; checkIndex_2++) {
    a_b_2[checkIndex_2] = pow(class_[checkIndex_2], a_b[checkIndex_2]);
  }
}`);
});

test("an origin names the ops and the user's lines", () => {
  const at = (file: string, line: number) => ({ file: `/home/u/${file}`, line, column: 3 });
  expect(originText([{ op: "dot", at: at("digits.model.ts", 9) }, { op: "add", at: at("digits.model.ts", 8) }, { op: "dot", at: at("layers.ts", 2) }, { op: "mul", at: undefined }]))
    .toBe("dot, add, mul: digits.model.ts:8,9, layers.ts:2");
  expect(originText([{ op: "copy", at: undefined }])).toBe("copy");
});

test("what scheduling left behind is an internal error", () => {
  const unscheduled: Expr = { kind: "reduce", dtype: "f32", reducer: "sum", vars: [i], body: load("f32", 0, index(0, [i, 1])) };
  expect(() => functionText(kernel("k", [arg("x", "f32", "B"), arg("out", "f32", 1, "write")], [store(1, index(0), unscheduled)]))).toThrow("internal: kernel k has a reduce that no loop was made for");
});

