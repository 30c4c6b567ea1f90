import { expect, test } from "vitest";
import { defineModel, init, nn, type Model } from "chainrule";
import { fanInAndOut, initFunction } from "../../../ir/init/index.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const std = (x: ArrayLike<number>): number => {
  const list = Array.from(x), mean = list.reduce((a, b) => a + b, 0) / list.length;
  return Math.sqrt(list.reduce((s, v) => s + (v - mean) ** 2, 0) / list.length);
};
const peak = (x: ArrayLike<number>): number => Math.max(...Array.from(x, Math.abs));

test("fans and gains are PyTorch's", () => {
  expect(fanInAndOut([5, 3])).toEqual({ fanIn: 3, fanOut: 5 });
  expect(fanInAndOut([8, 4, 3, 2])).toEqual({ fanIn: 24, fanOut: 48 });
  const kinds = (initialiser: init.Initialiser, shape = [30, 20]) => initialiser(shape);
  expect(kinds(init.xavierUniform())).toEqual({ kind: "uniform", low: -Math.sqrt(6 / 50), high: Math.sqrt(6 / 50) });
  expect(kinds(init.xavierNormal({ gain: 2 }))).toEqual({ kind: "normal", mean: 0, std: 2 * Math.sqrt(2 / 50) });
  expect(kinds(init.kaimingUniform())).toMatchObject({ high: Math.sqrt(3) * (Math.SQRT2 / Math.sqrt(20)) });
  expect(kinds(init.kaimingNormal({ mode: "fanOut", nonlinearity: "tanh" }))).toEqual({ kind: "normal", mean: 0, std: 5 / 3 / Math.sqrt(30) });
  const { high } = kinds(init.kaimingUniform({ a: Math.sqrt(5) })) as { high: number };
  expect(high).toBeCloseTo(1 / Math.sqrt(20), 15);
  expect(init.eye([2, 3])).toEqual({ kind: "data", data: [1, 0, 0, 0, 1, 0] });
});

test("data comes nested, flat or as a typed array", () => {
  const model = defineModel("net", (m) => {
    m.param("nested", [2, 2], { init: [[1, 2], [3, 4]] });
    m.param("flat", [2, 2], { init: init.data([1, 2, 3, 4]) });
    m.param("typed", [2], { init: new Float32Array([5, 6]) });
    m.param("number", [3], { init: 7 });
  });
  const s = new Session(model);
  expect(Object.entries(s.variables).map(([name, a]) => [name, [...a.data]])).toEqual([["nested", [1, 2, 3, 4]], ["flat", [1, 2, 3, 4]], ["typed", [5, 6]], ["number", [7, 7, 7]]]);
  expect(mistake(() => defineModel("m", (m) => { m.param("w", [2, 2], { init: [[1, 2], [3]] }); }))).toMatch(/a row of 1 elements where the shape has \[2\]/);
  expect(mistake(() => defineModel("m", (m) => { m.param("w", [3], { init: [1, 2] }); }))).toMatch(/init.data: 2 elements for the shape \[3\], which has 3/);
  expect(mistake(() => defineModel("m", (m) => { m.param("w", [3], { init: init.xavierUniform() }); }))).toMatch(/fan in and fan out need a weight of two or more dimensions, not \[3\]/);
  expect(mistake(() => defineModel("m", (m) => { m.param("w", [3], { init: NaN }); }))).toMatch(/parameter "w": its init is .* not a number/);
});

test("$init sets every variable that does not start from data", () => {
  const model = defineModel("net", (m) => {
    m.use("fc", nn.linear(50, 40));
    m.param("n", [60, 60], { init: init.normal(1, 0.5) });
    m.param("d", [1], { init: [3] });
    m.state("s", [2], { dtype: "i32", init: 4 });
  });
  const fn = initFunction(model);
  expect(fn.name).toBe("$init");
  expect(fn.inputs.map((v) => v.type)).toEqual([{ dtype: "u32", shape: [2] }]);
  expect(fn.updates.map((u) => u.variable)).toEqual(["fc.weight", "fc.bias", "n", "s"]);
  const { variables: v } = new Session(model, [1, 2]);
  expect(peak(v["fc.weight"].data)).toBeLessThanOrEqual(1 / Math.sqrt(50));
  expect(peak(v["fc.weight"].data)).toBeGreaterThan(0.99 / Math.sqrt(50));
  expect(std(v["fc.weight"].data)).toBeCloseTo(1 / Math.sqrt(150), 2);
  expect(peak(v["fc.bias"].data)).toBeLessThanOrEqual(1 / Math.sqrt(50));
  expect(std(v.n.data)).toBeCloseTo(0.5, 1);
  expect([...v.s.data]).toEqual([4, 4]);
});

test("a seed gives the same values; another variable changes none of the others", () => {
  const define = (more: boolean): Model => defineModel("net", (m) => {
    if (more) m.use("first", nn.linear(3, 3));
    m.use("fc", nn.linear(3, 3));
    m.use("fd", nn.linear(3, 3));
  });
  const values = (model: Model, seed: [number, number]) => new Session(model, seed).variables;
  const a = values(define(false), [1, 2]), b = values(define(true), [1, 2]), c = values(define(false), [1, 3]);
  expect([...b["fc.weight"].data]).toEqual([...a["fc.weight"].data]);
  expect([...c["fc.weight"].data]).not.toEqual([...a["fc.weight"].data]);
  expect([...a["fd.weight"].data]).not.toEqual([...a["fc.weight"].data]);
});

test("an integer cannot be drawn from a distribution", () => {
  expect(mistake(() => initFunction(defineModel("m", (m) => { m.param("w", [3], { dtype: "i32", init: init.normal() }); }))))
    .toMatch(/"w" is i32\[3\] and cannot start from a normal distribution[^]*init\.test\.ts:\d+/);
});

test("orthogonal: orthonormal rows or columns, whichever are fewer, times the gain", () => {
  for (const [shape, gain] of [[[4, 6], 1], [[6, 4], 2], [[3, 2, 2], 1], [[3, 3], 1]] as const) {
    const rows = shape[0], columns = shape.slice(1).reduce((a, b) => a * b, 1);
    const { w } = new Session(defineModel("net", (m) => { m.param("w", shape, { init: init.orthogonal({ gain }) }); }), [5, 6]).variables;
    const at = (r: number, c: number): number => w.data[r * columns + c];
    const count = Math.min(rows, columns), other = Math.max(rows, columns);
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++) {
        let dot = 0;
        for (let k = 0; k < other; k++) dot += rows <= columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j);
        expect(dot).toBeCloseTo(i === j ? gain ** 2 : 0, 5);
      }
  }
  expect(mistake(() => defineModel("m", (m) => { m.param("w", [3], { init: init.orthogonal() }); }))).toMatch(/init.orthogonal of \[3\]/);
});

test("truncated normal stays within its bounds, and dirac keeps channels", () => {
  const { w } = new Session(defineModel("net", (m) => { m.param("w", [50, 50], { init: init.truncNormal({ std: 0.02, low: -0.04, high: 0.03 }) }); })).variables;
  expect(Math.max(...w.data)).toBeLessThanOrEqual(0.03);
  expect(Math.min(...w.data)).toBeGreaterThanOrEqual(-0.04);
  expect(std(w.data)).toBeGreaterThan(0.014);
  // [out, in, kernel], the middle of three
  expect(init.dirac()([2, 2, 3])).toEqual({ kind: "data", data: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] });
  expect(init.dirac({ groups: 2 })([4, 1, 1])).toEqual({ kind: "data", data: [1, 0, 1, 0] });
  expect(init.dirac()([3, 1, 3, 3])).toMatchObject({ data: expect.arrayContaining([1]) });
});
