import { expect, test } from "vitest";
import { emit, emitOne, GraphError, reachable, withLocation, type AnyNode, type Value } from "../../../ir/graph/index.ts";
import { add, array, constant, dotProduct, evaluate, expanded, f64, fn, grad, input, jvp, mul, numbers, op, opsIn, region, run, sin, sumAll, vjp } from "./support.ts";

const x = () => input("x0", "f64", [3]);
const data = array([3], [0.5, -1, 2]);
const each = (f: (v: number) => number): number[] => numbers(data).map(f);
const close = (got: number[], want: number[]) => { for (const [i, g] of got.entries()) expect(g).toBeCloseTo(want[i], 9); };
const roots = (f: { outputs: readonly { value: Value }[] }): Value[] => f.outputs.map((o) => o.value);
const count = (f: { outputs: readonly { value: Value }[] }, name: string): number => opsIn(roots(f)).filter((n) => n.op === name).length;

// ---- nesting

test("derivatives of derivatives, to the fourth", () => {
  const [g] = evaluate([data], (v) => {
    let y = sin(v);
    for (let i = 0; i < 4; i++) [y] = grad(sumAll(y), v);
    return [y];
  });
  close(numbers(g), each(Math.sin));
});

test("a derivative to a derivative is its own, though it may be a value that is there already", () => {
  // d(w·x)/dw is x itself; d(g·x)/dg must not see x as g
  const [g] = evaluate([array([], 2), array([], 3)], (w, v) => {
    const [gw] = grad(mul(w, v), w);
    return grad(mul(gw, v), gw);
  });
  expect(numbers(g)).toEqual([3]);
  // both derivatives of a sum are the one cotangent; they are still two values
  const [a, b] = evaluate([array([], 2), array([], 3)], (p, q) => {
    const [gp, gq] = grad(add(p, q), p, q);
    return grad(mul(gp, mul(gq, gq)), gp, gq);
  });
  expect([...numbers(a), ...numbers(b)]).toEqual([1, 2]);
});

test("a derivative to a value between is total along with one to what it depends on", () => {
  const [gh, gx] = evaluate([data], (v) => {
    const h = mul(v, v);
    return grad(add(sumAll(mul(h, h)), sumAll(v)), h, v);
  });
  close(numbers(gh), each((v) => 2 * v * v));
  close(numbers(gx), each((v) => 4 * v ** 3 + 1));
});

test("jvp of a value and of what it depends on: tangents add", () => {
  const [t] = evaluate([data, array([3], 1), array([3], [0, 1, 10])], (v, tv, th) => {
    const h = mul(v, v);
    return jvp([sin(h)], [v, h], [tv, th]);
  });
  const th = [0, 1, 10];
  close(numbers(t), each((v) => v).map((v, i) => Math.cos(v * v) * (2 * v + th[i])));
});

test("Jacobian times vector of several results, with a given cotangent", () => {
  const [g] = evaluate([data, array([3], [1, 2, 3]), array([], 5)], (v, c, s) => vjp([sin(v), sumAll(v)], [c, s], [v]));
  close(numbers(g), each(Math.cos).map((c, i) => c * (i + 1) + 5));
});

test("derivatives inside bodies are expanded first", () => {
  const [s, g] = evaluate([data], (v) => {
    const [last] = emit("scan", [constant("f64", [], 0), v], { carries: 1, xs: 1, length: 3, reverse: false }, [
      region([{ dtype: "i32", shape: [] }, f64(), f64()], (_, c, p) => [add(c, grad(sin(p), p)[0])]),
    ]);
    return [last, ...grad(last, v)];
  });
  close(numbers(s), [each(Math.cos).reduce((a, b) => a + b)]);
  close(numbers(g), each((v) => -Math.sin(v)));
});

// ---- what stops, and what the user defines

test("stopGradient is the value, without derivative in either mode, to any order", () => {
  const [y, g, t, gg] = evaluate([data], (v) => {
    const z = mul(op("stopGradient", [mul(v, v)]), v);
    const [first] = grad(sumAll(z), v);
    return [z, first, ...jvp([z], [v], [constant("f64", [3], 1)]), ...grad(sumAll(first), v)];
  });
  close(numbers(y), each((v) => v ** 3));
  close(numbers(g), each((v) => v * v));
  close(numbers(t), each((v) => v * v));
  close(numbers(gg), [0, 0, 0]);
});

test("a custom derivative is used instead of the body's, in both modes", () => {
  const clipped = (v: Value): Value => emit("custom", [v], { name: "clip" }, [
    region([f64(3)], (a) => [mul(a, a)]),
    region([f64(3), f64(3), f64(3)], (_, __, ct) => [op("minimum", [ct, constant("f64", [3], 1)])]),
  ])[0];
  const [y, g] = evaluate([data, array([3], [0.5, 1, 7])], (v, ct) => [clipped(v), ...vjp([clipped(v)], [ct], [v])]);
  close(numbers(y), each((v) => v * v));
  expect(numbers(g)).toEqual([0.5, 1, 1]);
  const scaled = (v: Value): Value => emit("custom", [v], { name: "scaled" }, [
    region([f64(3)], (a) => [mul(a, a)]),
    region([f64(3), f64(3), f64(3)], (a, out, ct) => [mul(mul(ct, a), out)]),
  ])[0];
  const [t] = evaluate([data], (v) => jvp([scaled(v)], [v], [constant("f64", [3], 2)]));
  close(numbers(t), each((v) => 2 * v * v * v));
});

test("a variable read by two nodes is one value", () => {
  const read = (): Value => emitOne("variable", [], { name: "w", type: f64(3) });
  const out = expanded(fn([], grad(dotProduct(read(), read()), read())));
  expect(reachable(roots(out)).filter((n) => n.op === "variable")).toHaveLength(1);
});

// ---- loops run forward once

const decay = (h: Value, xs: Value): readonly Value[] => emit("scan", [h, xs], { carries: 1, xs: 1, length: 3, reverse: false }, [
  region([{ dtype: "i32", shape: [] }, f64(), f64()], (_, c, p) => { const n = sin(mul(c, p)); return [n, n]; }),
]);

test("a scan whose results and gradients are both used runs its steps once", () => {
  const h = input("h", "f64", []), v = x();
  const [last, rows] = decay(h, v);
  const f = expanded(fn([h, v], [last, rows, ...grad(add(last, sumAll(rows)), h, v)]));
  expect(count(f, "scan")).toBe(2); // one forward, one backward
  const [alone] = run(expanded(fn([h, v], [last])), [array([], 0.7), data]);
  expect(run(f, [array([], 0.7), data])[0]).toEqual(alone);
});

test("so does one that is differentiated twice, or to two things apart", () => {
  const h = input("h", "f64", []), v = x();
  const [last] = decay(h, v);
  const apart = expanded(fn([h, v], [last, ...grad(last, h), ...grad(mul(last, last), v)]));
  expect(count(apart, "scan")).toBe(3); // one forward, two backward
  const twice = expanded(fn([h, v], [last, ...grad(sumAll(grad(last, v)[0]), v)]));
  expect(count(twice, "scan")).toBe(4); // each of forward and backward, and their backward runs
});

test("jvp and its results share one loop", () => {
  const h = input("h", "f64", []), v = x();
  const [last] = decay(h, v);
  expect(count(expanded(fn([h, v], [last, ...jvp([last], [h], [constant("f64", [], 1)])])), "scan")).toBe(1);
});

test("a scan inside a differentiated scan runs once too", () => {
  const v = input("x0", "f64", [2, 3]);
  const [last] = emit("scan", [constant("f64", [], 1), v], { carries: 1, xs: 1, length: 2, reverse: false }, [
    region([{ dtype: "i32", shape: [] }, f64(), f64(3)], (_, c, row) => [decay(c, row)[0]]),
  ]);
  expect(count(expanded(fn([v], [last, ...grad(last, v)])), "scan")).toBe(4); // two in each direction
});

test("what is free again backward is not kept: constants, captures, steps, and rearrangements", () => {
  const h = input("h", "f64", [2]), v = x(), k = input("k", "f64", []);
  const [last] = emit("scan", [h, v, k], { carries: 1, xs: 1, length: 3, reverse: false }, [
    region([{ dtype: "i32", shape: [] }, f64(2), f64(), f64()], (step, c, p, m) => {
      const scale = mul(mul(m, p), op("convert", [step], { dtype: "f64" }));
      return [sin(mul(c, op("broadcast", [scale], { shape: [2], axes: [] })))];
    }),
  ]);
  const f = expanded(fn([h, v, k], [last, ...grad(sumAll(last), h, k)]));
  const forward = opsIn(roots(f)).find((n): n is Extract<AnyNode, { op: "scan" }> => n.op === "scan" && !n.attrs.reverse)!;
  const kept = forward.outputs.slice(1).map((o) => o.type.shape);
  expect(kept).toEqual([[3, 2], [3, 2]]); // the carry and the argument of sin: all else follows from x, k and the step
});

test("what steps share gets its gradient after the loop, where the loop has kept a factor of it anyway", () => {
  const h = input("h", "f64", [2, 3]), w = input("w", "f64", [3, 3]);
  const times = (a: Value, b: Value): Value => op("dot", [a, b], { batch: [], contract: [[1, 0]] });
  const backwardOf = (body: (c: Value, m: Value) => Value) => {
    const [last] = emit("scan", [h, w], { carries: 1, xs: 0, length: 5, reverse: false }, [region([{ dtype: "i32", shape: [] }, f64(2, 3), f64(3, 3)], (_, c, m) => [body(c, m)])]);
    const f = expanded(fn([h, w], grad(sumAll(last), w)));
    return { gradient: f.outputs[0].value, carries: opsIn(roots(f)).find((n): n is Extract<AnyNode, { op: "scan" }> => n.op === "scan" && n.attrs.reverse)!.attrs.carries };
  };
  const layer = backwardOf((c, m) => sin(times(c, m)));
  expect(layer.carries).toBe(1);
  expect(layer.gradient.node).toMatchObject({ op: "dot", attrs: { contract: [[0, 0], [1, 1]] } });
  // checkpointed, neither factor is kept: they are computed again, and their product added up, step by step
  const again = backwardOf((c, m) => emit("checkpoint", [c, m], {}, [region([f64(2, 3), f64(3, 3)], (a, k) => [sin(times(sin(times(a, k)), k))])])[0]);
  expect(again.carries).toBe(2);
});

test("integer carries get no cotangent, and zeros are made only where a carry starts from nothing", () => {
  const v = x();
  const [, last] = emit("scan", [constant("i32", [], 0), constant("f64", [], 1), v], { carries: 2, xs: 1, length: 3, reverse: false }, [
    region([{ dtype: "i32", shape: [] }, { dtype: "i32", shape: [] }, f64(), f64()], (_, n, c, p) => [op("add", [n, constant("i32", [], 1)]), mul(c, p)]),
  ]);
  const f = expanded(fn([v], grad(last, v)));
  const backward = opsIn(roots(f)).find((n): n is Extract<AnyNode, { op: "scan" }> => n.op === "scan" && n.attrs.reverse)!;
  expect(backward.attrs.carries).toBe(1);
});

// ---- while

const double = (v: Value, maxTrips: number | null): Value => emit("while", [v], { carries: 1, maxTrips }, [
  region([f64(3)], (c) => [op("lt", [sumAll(mul(c, c)), constant("f64", [], 1000)])]),
  region([f64(3)], (c) => [add(c, c)]),
])[0];

test("the derivative of a while without a bound is an error at the loop, and says what to do", () => {
  const at = { file: "/a/model.ts", line: 7, column: 3 };
  const v = x();
  const last = withLocation(at, () => double(v, null));
  const f = fn([v], grad(sumAll(last), v));
  expect(() => expanded(f)).toThrow(GraphError);
  expect(() => expanded(f)).toThrow(/while loop needs a bound[^]*maxTrips[^]*model\.ts:7:3/);
  // its tangents need none, nor does a gradient that does not pass through it
  expect(numbers(run(expanded(fn([v], jvp([last], [v], [constant("f64", [3], 1)]))), [data])[0])).toEqual([16, 16, 16]);
  expect(numbers(run(expanded(fn([v], [last, ...grad(sumAll(v), v)])), [data])[1])).toEqual([1, 1, 1]);
});

test("trips past the bound are an error when the program runs, where a derivative is taken", () => {
  const v = x();
  const f = expanded(fn([v], grad(sumAll(double(v, 3)), v)));
  expect(() => run(f, [data])).toThrow(/index 3 is out of range for axis 0 of size 3/);
  expect(numbers(run(f, [array([3], 10)])[0])).toEqual([2, 2, 2]);
  expect(numbers(run(expanded(fn([v], [double(v, 3)])), [data])[0])).toEqual(each((n) => 16 * n));
});

test("a symbol may bound a while", () => {
  const v = input("x0", "f64", ["N"]);
  const [, last] = emit("while", [constant("i32", [], 0), v], { carries: 2, maxTrips: "N" }, [
    region([{ dtype: "i32", shape: [] }, f64("N")], (n) => [op("lt", [n, op("dimension", [], { size: "N" })])]),
    region([{ dtype: "i32", shape: [] }, f64("N")], (n, c) => [op("add", [n, constant("i32", [], 1)]), mul(c, c)]),
  ]);
  const [g] = run(expanded(fn([v], grad(op("reduce", [last], { reducer: "sum", axes: [0] }), v))), [array([2], [3, 2])]);
  close(numbers(g), [4 * 27, 4 * 8]);
});

// ---- locations, symbols

test("what is derived carries the line of what it is derived from", () => {
  const v = x(), line = (n: number) => ({ file: "/a/model.ts", line: n, column: 1 });
  const y = withLocation(line(3), () => op("tanh", [v]));
  const loss = withLocation(line(4), () => sumAll(op("exp", [y])));
  const [g] = withLocation(line(5), () => grad(loss, v));
  const lines = new Map<string, Set<number | undefined>>();
  for (const n of reachable(roots(expanded(fn([v], [g]))))) lines.set(n.op, (lines.get(n.op) ?? new Set()).add(n.at?.line));
  expect([...lines.get("mul")!].sort()).toEqual([3]); // exp′ · (1 − y²), as the cotangent of exp is one
  expect([...lines.get("exp")!]).toEqual([4]);
});

test("symbolic sizes go through every family", () => {
  const v = input("x0", "f64", ["B", 4]), w = input("x1", "f64", [4, "N"]);
  const product = op("dot", [v, w], { batch: [], contract: [[1, 0]] });
  const every = op("slice", [product], { start: [0, 1], limit: ["B", "N"], step: [1, 2] });
  const padded = op("pad", [every, constant("f64", [], 1)], { low: [1, 0], high: [0, 0], interior: [1, 0] });
  const flat = op("reduce", [op("concat", [padded, sin(padded)], { axis: 0 })], { reducer: "prod", axes: [0] });
  const best = op("reduce", [op("cumulative", [flat], { reducer: "prod", axis: 0, reverse: false })], { reducer: "max", axes: [0] });
  const f = expanded(fn([v, w], [best, ...grad(best, v, w)]));
  const args = (h: number) => [array([2, 4], [0.9 + h, 1, 1.1, 0.8, 1, 0.7, 0.9, 1]), array([4, 5], Array.from({ length: 20 }, (_, i) => 1 + Math.sin(i) / 4))];
  const [, gv] = run(f, args(0));
  const slope = (run(f, args(1e-6))[0].data[0] - run(f, args(-1e-6))[0].data[0]) / 2e-6;
  expect(gv.data[0] / slope).toBeCloseTo(1, 6);
});
