import { expect, test } from "vitest";
import type { Model } from "../../../../ir/graph/index.ts";
import type { DType, Shape } from "../../../../ir/types/index.ts";
import { printJs } from "../../../../compiler/codegen/js/index.ts";
import { variablesAtRisk } from "../../../../compiler/plan/risk.ts";
import type { Kernel } from "../../../../compiler/loops/ir.ts";
import type { Buffer, PlannedProgram, Step, Storage } from "../../../../compiler/plan/program.ts";
import { golden } from "../../../golden.ts";
import { arg, constant, index, kernel, load, loop, scalar, store, variable } from "./kernels.ts";

const model: Model = { name: "tiny", variables: [], symbols: {}, functions: [] };
const buffer = (id: number, name: string, dtype: DType, shape: Shape, storage: Storage): Buffer => ({ id, name, type: { dtype, shape }, storage });
const program = (name: string, parts: Partial<PlannedProgram>): PlannedProgram =>
  ({ name, inputs: [], outputs: [], buffers: [], kernels: [], steps: [], symbols: [], slots: [], ...parts });

const i = variable("i", "B");
const at = index(0, [i, 1]);
/** `out[i] = x[i] op y[i]` */
const elementwise = (name: string, names: readonly string[], line: number): Kernel =>
  kernel(name, [arg(names[0], "f32", "B"), arg(names[1], "f32", "B"), arg(names[2], "f32", "B", "write")],
    [loop(i, [store(2, at, scalar("f32", "mul", load("f32", 0, at), load("f32", 1, at)))])],
    { origins: [{ op: "mul", at: { file: "/u/tiny.model.ts", line, column: 1 } }] });
const step = (k: number, ...args: number[]): Step => ({ kind: "kernel", kernel: k, args });

test("a module: helpers, constants, kernels once each, programs", () => {
  const add: Kernel = kernel("train_add", [arg("x", "f32", "B"), arg("table", "f32", 3), arg("out", "f32", "B", "write")],
    [loop(i, [store(2, at, scalar("f32", "exp", scalar("f32", "add", load("f32", 0, at), load("f32", 1, index(0, [{ kind: "mod", of: at, by: 3 }, 1])))))])],
    { origins: [{ op: "add", at: { file: "/u/tiny.model.ts", line: 4, column: 1 } }, { op: "exp", at: { file: "/u/tiny.model.ts", line: 5, column: 1 } }] });
  const table = Float32Array.of(1, -0.5, 3);
  const train = program("train", {
    symbols: ["B"],
    inputs: [{ name: "x", buffer: 0 }], outputs: [{ name: "y", buffer: 3 }, { name: "x again", buffer: 0 }],
    buffers: [
      buffer(0, "x", "f32", ["B"], { kind: "input", name: "x" }),
      buffer(1, "constant", "f32", [3], { kind: "constant", data: table }),
      buffer(2, "exp_L5", "f32", ["B"], { kind: "arena", slot: 0 }),
      buffer(3, "mul_L6", "f32", ["B"], { kind: "arena", slot: 1 }),
      buffer(4, "fc.weight", "f32", [3], { kind: "variable", name: "fc.weight" }),
      buffer(5, "halves", "f32", ["B"], { kind: "constant", data: 0.5 }),
      buffer(6, "unused", "f32", ["B"], { kind: "constant", data: Float32Array.of(1) }),
    ],
    kernels: [add, elementwise("train_mul", ["exp_L5", "halves", "mul_L6"], 6)],
    steps: [step(0, 0, 1, 2), step(1, 2, 5, 3), { kind: "copy", from: 1, to: 4 }],
    slots: [{ bytes: ["4*B"] }, { bytes: ["4*B", 48] }],
  });
  const test = program("eval", {
    symbols: ["B"],
    inputs: [{ name: "a", buffer: 0 }, { name: "arena", buffer: 1 }], outputs: [{ name: "product", buffer: 2 }],
    buffers: [
      buffer(0, "a", "f32", ["B"], { kind: "input", name: "a" }),
      buffer(1, "arena", "f32", ["B"], { kind: "input", name: "arena" }),
      buffer(2, "mul_L9", "f32", ["B"], { kind: "arena", slot: 0 }),
    ],
    kernels: [elementwise("eval_mul", ["a", "arena", "mul_L9"], 9)],
    steps: [step(0, 0, 1, 2)],
    slots: [{ bytes: ["4*B"] }],
  });
  golden("js/module.js", printJs([train, test], model));
});

test("helpers that are called, and those that they call, come along", () => {
  const erf = kernel("k", [arg("x", "f32", "B"), arg("out", "f32", "B", "write")], [loop(i, [store(1, at, scalar("f32", "erf", load("f32", 0, at)))])]);
  const text = printJs([program("f", { symbols: ["B"], buffers: [buffer(0, "x", "f32", ["B"], { kind: "arena", slot: 0 })], kernels: [erf], steps: [step(0, 0, 0)], slots: [{ bytes: ["4*B"] }] })], model);
  expect([...text.matchAll(/^function (\w+)/gm)].map((m) => m[1])).toEqual(["erf", "erfc", "k"]);
});

test("control flow", () => {
  const one = kernel("next", [arg("n", "i32", 1, "readwrite")], [store(0, index(0), constant("i32", 1), "sum")]);
  const less = kernel("less", [arg("n", "i32", 1), arg("test", "bool", 1, "write")], [store(1, index(0), scalar("bool", "lt", load("i32", 0, index(0)), constant("i32", 5)))]);
  const row = kernel("row", [arg("out", "i32", "T", "readwrite")], [store(0, index("step0"), { kind: "size", dtype: "i32", dim: "step0" }, "set")], { scalars: ["step0"] });
  golden("js/control.js", printJs([program("loops", {
    symbols: ["T"],
    outputs: [{ name: "rows", buffer: 2 }],
    buffers: [buffer(0, "n", "i32", [], { kind: "arena", slot: 0 }), buffer(1, "test", "bool", [], { kind: "arena", slot: 1 }), buffer(2, "rows", "i32", ["T"], { kind: "arena", slot: 2 })],
    kernels: [one, less, row],
    steps: [
      { kind: "while", test: [step(1, 0, 1)], pred: 1, body: [step(0, 0)] },
      { kind: "cond", pred: 1, then: [step(0, 0)], otherwise: [{ kind: "for", counter: "step0", length: "T", reverse: true, body: [step(2, 2)] }] },
      { kind: "cond", pred: 1, then: [{ kind: "for", counter: "step0", length: 3, reverse: false, body: [step(2, 2)] }], otherwise: [] },
    ],
    slots: [{ bytes: [4] }, { bytes: [1] }, { bytes: ["4*T"] }],
  })], model));
});

test("kernels that differ in dtype or in what they check are not shared", () => {
  const f64 = kernel("other", [arg("x", "f64", "B"), arg("y", "f64", "B"), arg("out", "f64", "B", "write")], [loop(i, [store(2, at, scalar("f64", "mul", load("f64", 0, at), load("f64", 1, at)))])]);
  const buffers = (dtype: DType): Buffer[] => [0, 1, 2].map((id) => buffer(id, `b${id}`, dtype, ["B"], { kind: "arena", slot: id }));
  const slots = [{ bytes: ["8*B"] }, { bytes: ["8*B"] }, { bytes: ["8*B"] }];
  const text = printJs([
    program("a", { symbols: ["B"], buffers: buffers("f32"), kernels: [elementwise("first", ["a", "b", "c"], 1), elementwise("second", ["d", "e", "f"], 2)], steps: [step(0, 0, 1, 2), step(1, 0, 1, 2)], slots }),
    program("b", { symbols: ["B"], buffers: buffers("f64"), kernels: [f64], steps: [step(0, 0, 1, 2)], slots }),
  ], model);
  expect([...text.matchAll(/^function (\w+)/gm)].map((m) => m[1])).toEqual(["first", "other"]);
  expect(text).toContain("// mul: tiny.model.ts:1,2\nfunction first(");
});

test("long constants are base64, equal ones are declared once", async () => {
  const data = Int32Array.from({ length: 100 }, (_, n) => n * n - 50);
  const doubles = Float64Array.from({ length: 70 }, (_, n) => Math.sin(n));
  const use = (name: string, values: typeof data | typeof doubles, dtype: DType) => program(name, {
    outputs: [{ name: "out", buffer: 0 }], buffers: [buffer(0, "constant", dtype, [values.length], { kind: "constant", data: values })],
  });
  const text = printJs([use("a", data, "i32"), use("b", data.slice(), "i32"), use("c", doubles, "f64")], model);
  expect(text.match(/^const /gm)).toHaveLength(2);
  const { functions } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`) as { functions: Record<string, { bind(s: object, m: object): (x: unknown[]) => unknown[] }> };
  expect(functions.b.bind({}, {})([])).toEqual([data]);
  expect(functions.c.bind({}, {})([])).toEqual([doubles]);
});

test("a kernel never writes an input or a constant", () => {
  const p = program("f", {
    symbols: ["B"], inputs: [{ name: "x", buffer: 0 }], buffers: [buffer(0, "x", "f32", ["B"], { kind: "input", name: "x" })],
    kernels: [elementwise("k", ["x", "y", "z"], 1)], steps: [step(0, 0, 0, 0)],
  });
  expect(() => printJs([p], model)).toThrow("internal: kernel k of f writes input x");
});

test("variables are at risk where they may be written before a kernel throws", () => {
  const writes = kernel("writes", [arg("w", "f32", 3, "readwrite")], [store(0, index(0), constant("f32", 1))]);
  const checks = kernel("checks", [arg("at", "i32", 1), arg("out", "f32", 3, "write")], [store(1, index(0, [{ kind: "data", value: load("i32", 0, index(0)), size: 3, note: "" }, 1]), constant("f32", 1))]);
  const buffers = [buffer(0, "w", "f32", [3], { kind: "variable", name: "w" }), buffer(1, "at", "i32", [1], { kind: "input", name: "at" }), buffer(2, "t", "f32", [3], { kind: "arena", slot: 0 }), buffer(3, "v", "f32", [3], { kind: "variable", name: "v" })];
  const risk = (...steps: Step[]) => variablesAtRisk(program("f", { buffers, kernels: [writes, checks], steps }));
  expect(risk(step(1, 1, 2), step(0, 0))).toEqual([]);
  expect(risk(step(0, 0), step(1, 1, 2))).toEqual(["w"]);
  expect(risk(step(1, 1, 3))).toEqual(["v"]);
  expect(risk({ kind: "copy", from: 2, to: 3 }, step(1, 1, 2), step(0, 0))).toEqual(["v"]);
  expect(risk({ kind: "for", counter: "i", length: 2, reverse: false, body: [step(1, 1, 2), step(0, 0)] })).toEqual(["w"]);
  expect(risk({ kind: "cond", pred: 1, then: [step(0, 0)], otherwise: [step(1, 1, 2)] })).toEqual(["w"]); // cautious: the branches exclude each other
});
