import { expect, test } from "vitest";
import { emit, emitOne, type GraphFunction, type Region, type Value } from "../../../ir/graph/index.ts";
import { interpret, ndarray, type NdArray } from "../../../ir/interpret/index.ts";
import type { DType, Shape } from "../../../ir/types/index.ts";

const input = (name: string, dtype: DType, shape: Shape): Value => emitOne("input", [], { name, type: { dtype, shape } });
const variable = (name: string, dtype: DType, shape: Shape): Value => emitOne("variable", [], { name, type: { dtype, shape } });
const param = (index: number, dtype: DType, shape: Shape): Value => emitOne("parameter", [], { index, type: { dtype, shape } });
const constant = (dtype: DType, shape: Shape, data: number): Value => emitOne("constant", [], { dtype, shape, data });
const fn = (inputs: Value[], outputs: Record<string, Value>, updates: Record<string, Value> = {}): GraphFunction => ({
  name: "f", inputs,
  outputs: Object.entries(outputs).map(([name, value]) => ({ name, value })),
  updates: Object.entries(updates).map(([name, value]) => ({ variable: name, value })),
});
const run = (f: GraphFunction, inputs: Record<string, NdArray>, variables: Record<string, NdArray> = {}) => interpret(f, { inputs, variables });
const f64 = (shape: number[], ...data: number[]) => ndarray("f64", shape, data);
const list = (a: NdArray) => [...a.data];

test("symbols come from the shapes of inputs and reach attributes", () => {
  const x = input("x", "f64", ["B", 2]);
  const flat = emitOne("reshape", [x], { shape: ["2*B"] });
  const tail = emitOne("slice", [flat], { start: [1], limit: ["2*B"], step: [2] });
  const size = emitOne("convert", [emitOne("dimension", [], { size: "2*B" })], { dtype: "f64" });
  const { outputs } = run(fn([x], { tail, size }), { x: f64([3, 2], 1, 2, 3, 4, 5, 6) });
  expect(list(outputs.tail)).toEqual([2, 4, 6]);
  expect(list(outputs.size)).toEqual([6]);
});

test("a symbol that two inputs bind differently is an error naming both", () => {
  const x = input("x", "f32", ["B"]), y = input("y", "f32", ["B"]);
  expect(() => run(fn([x, y], { x, y }), { x: ndarray("f32", [2], 0), y: ndarray("f32", [3], 0) }))
    .toThrow(/input "y" of f is f32\[3\], which makes B = 3, but input "x" of f, which is f32\[2\], makes it 2/);
});

test("compound dimensions are checked against the symbols they mention", () => {
  const x = input("x", "f32", ["2*B"]), y = input("y", "f32", ["B"]);
  const f = fn([x, y], { x, y });
  expect(run(f, { x: ndarray("f32", [6], 0), y: ndarray("f32", [3], 0) }).outputs.x.shape).toEqual([6]);
  expect(() => run(f, { x: ndarray("f32", [5], 0), y: ndarray("f32", [3], 0) })).toThrow(/axis 0 must be 6 \(2\*B\)/);
  const alone = fn([x], { x });
  expect(() => run(alone, { x: ndarray("f32", [6], 0) })).toThrow(/nothing gives a size to B/);
});

test("inputs are checked by name, dtype and shape", () => {
  const x = input("x", "f32", ["B", 4]);
  const f = fn([x], { x });
  expect(() => run(f, {})).toThrow(/f needs input "x", f32\[B,4\]/);
  expect(() => run(f, { x: ndarray("f32", [1, 4], 0), z: ndarray("f32", [], 0) })).toThrow(/no input "z"/);
  expect(() => run(f, { x: ndarray("f64", [1, 4], 0) })).toThrow(/x" of f is f64\[1,4\], but f32\[B,4\] is declared/);
  expect(() => run(f, { x: ndarray("f32", [4], 0) })).toThrow(/f32\[4\]/);
  expect(() => run(f, { x: ndarray("f32", [1, 3], 0) })).toThrow(/axis 1 must be 4/);
});

test("updates are all computed from the old values", () => {
  const a = variable("a", "f64", []), b = variable("b", "f64", []);
  const { updates, outputs } = run(fn([], { a }, { a: b, b: a }), {}, { a: f64([], 1), b: f64([], 2) });
  expect([updates.a, updates.b, outputs.a].map(list)).toEqual([[2], [1], [1]]);
  expect(() => run(fn([], { a }), {})).toThrow(/needs variable "a"/);
});

test("f32 constants hold what f32 holds; nothing is rounded after them", () => {
  const tenth = constant("f32", [], 0.1);
  const { outputs } = run(fn([], { y: emitOne("mul", [tenth, tenth], {}) }), {});
  expect(list(outputs.y)).toEqual([Math.fround(0.1) * Math.fround(0.1)]);
});

test("a rounded run rounds floats to f32 after every op, and leaves integers", () => {
  const x = input("x", "f64", []), n = input("n", "i32", []);
  const third = emitOne("div", [x, constant("f64", [], 3)], {});
  const { outputs } = interpret(fn([x, n], { third, n }), { inputs: { x: f64([], 1), n: ndarray("i32", [], 2 ** 30 + 1) }, variables: {} }, { rounded: true });
  expect(list(outputs.third)).toEqual([Math.fround(1 / 3)]);
  expect(list(outputs.n)).toEqual([2 ** 30 + 1]);
});

test("a run that stores f32 rounds f32 after every op, and leaves f64", () => {
  const tenth = constant("f32", [], 0.1), wide = constant("f64", [], 0.1);
  const { outputs } = interpret(fn([], {
    y: emitOne("mul", [tenth, tenth], {}), z: emitOne("mul", [wide, wide], {}),
    back: emitOne("convert", [emitOne("convert", [wide], { dtype: "f32" })], { dtype: "f64" }),
  }), { inputs: {}, variables: {} }, { storesF32: true });
  expect(list(outputs.y)).toEqual([Math.fround(Math.fround(0.1) * Math.fround(0.1))]);
  expect(list(outputs.z)).toEqual([0.1 * 0.1]);
  expect(list(outputs.back)).toEqual([Math.fround(0.1)]);
});

test("what symbols left undecided is checked with their numbers", () => {
  const x = input("x", "f64", ["B"]);
  const f = fn([x], { y: emitOne("slice", [x], { start: [2], limit: ["B"], step: [1] }) });
  expect(list(run(f, { x: f64([3], 1, 2, 3) }).outputs.y)).toEqual([3]);
  expect(() => run(f, { x: f64([1], 1) })).toThrow(/slice/);
});

test("an input nothing uses still binds its symbols", () => {
  const x = input("x", "f64", ["B"]);
  const { outputs } = run(fn([x], { n: emitOne("dimension", [], { size: "B+1" }) }), { x: f64([3], 1, 2, 3) });
  expect(list(outputs.n)).toEqual([4]);
});

function region(params: Value[], results: Value[]): Region { return { params, results }; }

test("cond runs one branch", () => {
  const p = input("p", "bool", []), x = input("x", "f64", ["B"]);
  const a = param(0, "f64", ["B"]), b = param(0, "f64", ["B"]);
  const [y] = emit("cond", [p, x], {}, [region([a], [emitOne("neg", [a], {})]), region([b], [b])]);
  const f = fn([p, x], { y });
  expect(list(run(f, { p: ndarray("bool", [], true), x: f64([2], 1, 2) }).outputs.y)).toEqual([-1, -2]);
  expect(list(run(f, { p: ndarray("bool", [], false), x: f64([2], 1, 2) }).outputs.y)).toEqual([1, 2]);
});

test("while doubles until the bound, with a capture", () => {
  const x = input("x", "f64", []), bound = input("bound", "f64", []);
  const params = () => [param(0, "f64", []), param(1, "f64", [])];
  const [c, limit] = params(), [d, unused] = params();
  const [y] = emit("while", [x, bound], { carries: 1, maxTrips: null },
    [region([c, limit], [emitOne("lt", [c, limit], {})]), region([d, unused], [emitOne("add", [d, d], {})])]);
  const f = fn([x, bound], { y });
  expect(list(run(f, { x: f64([], 3), bound: f64([], 20) }).outputs.y)).toEqual([24]);
  expect(list(run(f, { x: f64([], 30), bound: f64([], 20) }).outputs.y)).toEqual([30]);
});

const scanned = (reverse: boolean): GraphFunction => {
  const xs = input("xs", "f64", ["T"]), h = input("h", "f64", []), w = input("w", "f64", []);
  const [step, carry, x, k] = [param(0, "i32", []), param(1, "f64", []), param(2, "f64", []), param(3, "f64", [])];
  const next = emitOne("add", [emitOne("mul", [carry, k], {}), x], {});
  const [last, steps, all] = emit("scan", [h, xs, w], { carries: 1, xs: 1, length: "T", reverse }, [region([step, carry, x, k], [next, step, next])]);
  return fn([xs, h, w], { last, steps, all });
};

test("scan passes step, carries, rows and captures, and stacks", () => {
  const args = { xs: f64([3], 1, 2, 3), h: f64([], 1), w: f64([], 10) };
  const forward = run(scanned(false), args).outputs;
  expect([forward.last, forward.steps, forward.all].map(list)).toEqual([[1123], [0, 1, 2], [11, 112, 1123]]);
  const backward = run(scanned(true), args).outputs;
  expect([backward.last, backward.steps, backward.all].map(list)).toEqual([[1321], [0, 1, 2], [1321, 132, 13]]);
});

test("scan over no steps returns its carries and empty rows", () => {
  const { outputs } = run(scanned(false), { xs: f64([0]), h: f64([], 7), w: f64([], 10) });
  expect(list(outputs.last)).toEqual([7]);
  expect(outputs.all).toEqual({ dtype: "f64", shape: [0], data: new Float64Array() });
});

test("custom runs its forward region; derivative ops must have been expanded", () => {
  const x = input("x", "f64", []);
  const a = param(0, "f64", []), [b, out, ct] = [0, 1, 2].map((i) => param(i, "f64", []));
  const [y] = emit("custom", [x], { name: "halve" }, [region([a], [emitOne("mul", [a, constant("f64", [], 0.5)], {})]), region([b, out, ct], [ct])]);
  expect(list(run(fn([x], { y }), { x: f64([], 3) }).outputs.y)).toEqual([1.5]);
  const [g] = emit("grad", [y, x], {});
  expect(() => run(fn([x], { g }), { x: f64([], 3) })).toThrow(/derivatives must be expanded/);
  expect(list(run(fn([x], { s: emitOne("stopGradient", [x], {}) }), { x: f64([], 3) }).outputs.s)).toEqual([3]);
});

test("an index out of range is an error", () => {
  const x = input("x", "f64", ["B"]), i = input("i", "i32", []);
  const y = emitOne("gather", [x, i], { axes: [0], batch: [] });
  expect(() => run(fn([x, i], { y }), { x: f64([2], 1, 2), i: ndarray("i32", [], 2) })).toThrow(/index 2 is out of range for axis 0 of size 2/);
});

test("ndarray rounds to its dtype and checks the number of elements", () => {
  expect(list(ndarray("f32", [2], [0.1, 1e300]))).toEqual([Math.fround(0.1), Infinity]);
  expect(list(ndarray("u8", [2], [257, -1]))).toEqual([1, 255]);
  expect(list(ndarray("bool", [3], [true, 0, 5]))).toEqual([1, 0, 1]);
  expect(() => ndarray("f32", [2, 2], [1, 2, 3])).toThrow(/has 4 elements, not 3/);
});
