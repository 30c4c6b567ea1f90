import { expect, test } from "vitest";
import { defineModel, f32, nn, random, tensor, u32, type Shape, type Tensor } from "chainrule";
import { threefry } from "../../../ir/ops/elementwise/special.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const draw = (body: (key: Tensor) => Tensor, key = [1, 2]): number[] =>
  new Session(defineModel("net", (m) => { m.fn("f", { key: u32(2) }, ({ key }) => ({ y: body(key) })); })).numbers("f", { key }).y;
const moments = (x: number[]) => {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return { mean, std: Math.sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length) };
};
const n = 20_000;

test("bits are Threefry of (key, element, stream)", () => {
  expect(draw((key) => random.bits({ key, shape: [2, 3] }), [7, 8])).toEqual([0, 1, 2, 3, 4, 5].map((i) => threefry(7, 8, i, 0)));
  expect(draw((key) => random.bits({ key, stream: 9, shape: [2] }), [7, 8])).toEqual([threefry(7, 8, 0, 9), threefry(7, 8, 1, 9)]);
  expect(draw((key) => random.bits({ key, shape: [] }), [0, 0])).toEqual([0x6b200159]); // the published known answer
});

test("uniform: bounds, moments, resolution", () => {
  const x = draw((key) => random.uniform({ key, shape: [n] }));
  expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...x)).toBeLessThan(1);
  expect(x.every((v) => Number.isInteger(v * 2 ** 24))).toBe(true);
  expect(moments(x).mean).toBeCloseTo(0.5, 2);
  expect(moments(x).std).toBeCloseTo(Math.sqrt(1 / 12), 2);
  const y = draw((key) => random.uniform({ key, shape: [n], low: -3, high: 3 }));
  expect(y).toEqual(x.map((v) => 3 * (2 * v - 1)));
  const shifted = draw((key) => random.uniform({ key, shape: [100], low: 2, high: 6 }));
  expect(shifted).toEqual(x.slice(0, 100).map((v) => 2 * (2 * v - 1) + 4));
  const wide = draw((key) => random.uniform({ key, shape: [n], dtype: "f64" }));
  expect(wide.some((v) => !Number.isInteger(v * 2 ** 24)) && wide.every((v) => Number.isInteger(v * 2 ** 53) && v < 1)).toBe(true);
  expect(moments(wide).mean).toBeCloseTo(0.5, 2);
});

test("normal: moments and tails", () => {
  for (const dtype of ["f32", "f64"] as const) {
    const x = draw((key) => random.normal({ key, shape: [n], dtype }));
    const { mean, std } = moments(x);
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(std - 1)).toBeLessThan(0.02);
    const within = (k: number) => x.filter((v) => Math.abs(v) < k).length / n;
    expect(within(1)).toBeCloseTo(0.6827, 1);
    expect(within(2)).toBeCloseTo(0.9545, 2);
    expect(x.every(Number.isFinite)).toBe(true);
  }
  const { mean, std } = moments(draw((key) => random.normal({ key, shape: [n], mean: 5, std: 0.1 })));
  expect(mean).toBeCloseTo(5, 2);
  expect(std).toBeCloseTo(0.1, 2);
});

test("bernoulli and randint", () => {
  expect(moments(draw((key) => random.bernoulli({ key, shape: [n], p: 0.3 }))).mean).toBeCloseTo(0.3, 2);
  expect(moments(draw((key) => random.bernoulli({ key, shape: [n], p: key.convert("f32").sum().mul(0).add(0.7) }))).mean).toBeCloseTo(0.7, 1);
  expect(new Set(draw((key) => random.bernoulli({ key, shape: [50], p: 1 })))).toEqual(new Set([1]));
  expect(new Set(draw((key) => random.bernoulli({ key, shape: [50], p: 0 })))).toEqual(new Set([0]));
  const dice = draw((key) => random.randint({ key, shape: [6000], low: -2, high: 4 }));
  for (let face = -2; face < 4; face++) expect(Math.abs(dice.filter((v) => v === face).length - 1000)).toBeLessThan(150);
  expect(dice.every((v) => v >= -2 && v < 4)).toBe(true);
});

test("symbolic shapes draw the same numbers, and keys fold", () => {
  const s = new Session(defineModel("net", (m) => {
    m.fn("f", { x: f32("B", 2), key: u32(2) }, ({ key }) => ({ y: random.uniform({ key, shape: ["B", 2] as Shape }), k: random.foldIn(key, 3), l: random.foldIn(key, 4) }));
  }));
  const { y, k, l } = s.numbers("f", { x: [[0, 0], [0, 0]], key: [1, 2] });
  expect(y).toEqual(draw((key) => random.uniform({ key, shape: [4] })));
  expect(k).not.toEqual(l);
  expect(k).toEqual(draw((key) => random.foldIn(key, key.sum().mul(0).add(3))));
});

test("dropout: rate, scale, a new mask each call, nothing outside training", () => {
  const s = new Session(defineModel("net", (m) => {
    const drop = m.use("drop", nn.dropout(0.25));
    m.fn("train", { x: f32("N") }, ({ x }) => ({ a: drop(x), b: drop(x) }), { train: true });
    m.fn("eval", { x: f32("N") }, ({ x }) => ({ a: drop(x) }));
  }), [3, 4]);
  const x = new Array<number>(4000).fill(3);
  const first = s.numbers("train", { x }), second = s.numbers("train", { x });
  for (const mask of [first.a, first.b, second.a]) {
    expect(new Set(mask.map((v) => Number(v.toFixed(5))))).toEqual(new Set([0, 4]));
    expect(Math.abs(mask.filter((v) => v === 0).length / 4000 - 0.25)).toBeLessThan(0.03);
  }
  expect(first.a).not.toEqual(first.b);
  expect(first.a).not.toEqual(second.a);
  expect(s.numbers("eval", { x }).a).toEqual(x);
  expect(s.variables.rng.data[1]).toBe(4);
  expect(s.model.variables.find((v) => v.name === "rng")).toMatchObject({ role: "state", type: { dtype: "u32", shape: [2] }, init: { kind: "seed" } });
  expect(s.model.functions[1].updates).toEqual([]);
});

test("mistakes", () => {
  expect(mistake(() => random.uniform({ shape: [2] }))).toMatch(/no function of a model is being traced, so there is no random key\n {2}give the key/);
  expect(mistake(() => draw((key) => random.uniform({ key: key.convert("f32"), shape: [2] })))).toMatch(/a random key is f32\[2\]; it must be u32\[2\]/);
  expect(mistake(() => draw((key) => random.bernoulli({ key, shape: [2], p: 1.5 })))).toMatch(/p = 1.5 is no probability/);
  expect(mistake(() => draw((key) => random.randint({ key, shape: [2], high: 0 })))).toMatch(/random.randint from 0 up to 0/);
});

test("distributions made of uniform numbers: moments and ends", () => {
  const of = (body: (key: Tensor) => Tensor): number[] => draw(body);
  const close = (x: number[], mean: number, std: number, slack = 0.03): void => {
    const m = moments(x);
    expect(x.every(Number.isFinite)).toBe(true);
    expect(Math.abs(m.mean - mean)).toBeLessThan(slack * Math.max(1, std));
    expect(Math.abs(m.std - std)).toBeLessThan(slack * Math.max(1, std));
  };
  close(of((key) => random.exponential({ key, shape: [n], rate: 2 })), 0.5, 0.5);
  close(of((key) => random.gumbel({ key, shape: [n] })), 0.5772, Math.PI / Math.sqrt(6));
  close(of((key) => random.laplace({ key, shape: [n], loc: 1, scale: 0.5 })), 1, 0.5 * Math.SQRT2);
  close(of((key) => random.logistic({ key, shape: [n] })), 0, Math.PI / Math.sqrt(3));
  close(of((key) => random.logNormal({ key, shape: [n], mean: 0, std: 0.25 })), Math.exp(0.03125), Math.sqrt(Math.expm1(0.0625) * Math.exp(0.0625)));
  close(of((key) => random.geometric({ key, shape: [n], p: 0.25 })), 4, Math.sqrt(12));
  close(of((key) => random.rademacher({ key, shape: [n] })), 0, 1);
  const cauchy = of((key) => random.cauchy({ key, shape: [n], median: 2 })).sort((a, b) => a - b);
  expect(cauchy[n / 2]).toBeCloseTo(2, 1);
  expect(cauchy[(3 * n) / 4] - cauchy[n / 4]).toBeCloseTo(2, 0);
  for (const dtype of ["f32", "f64"] as const) {
    const x = of((key) => random.truncatedNormal({ key, shape: [n], dtype }));
    expect(Math.max(...x.map(Math.abs))).toBeLessThanOrEqual(2);
    close(x, 0, 0.8796); // of a standard normal within ±2
  }
  const far = of((key) => random.truncatedNormal({ key, shape: [100], low: 1, high: 1.5, mean: 1, std: 0.1 }));
  expect(far.every((v) => v >= 1 && v <= 1.5)).toBe(true);
});

test("permutation and multinomial", () => {
  expect([...draw((key) => random.permutation(50, { key }))].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  const weights = () => tensor([0, 1, 3, 0, 4]);
  const counts = (x: number[]): number[] => [0, 1, 2, 3, 4].map((c) => x.filter((v) => v === c).length / x.length);
  const drawn = counts(draw((key) => random.multinomial(weights(), { numSamples: n, replacement: true, key })));
  for (const [i, want] of [0, 0.125, 0.375, 0, 0.5].entries()) expect(Math.abs(drawn[i] - want)).toBeLessThan(0.015);
  expect([...draw((key) => random.multinomial(weights(), { numSamples: 3, key }))].sort()).toEqual([1, 2, 4]);
  const first = counts(draw((key) => random.multinomial(weights().unsqueeze(0).expand(4000, 5), { numSamples: 1, key })));
  expect(Math.abs(first[4] - 0.5)).toBeLessThan(0.03);
  expect(mistake(() => draw((key) => random.multinomial(weights(), { numSamples: 6, key })))).toMatch(/6 samples of 5 classes without replacement/);
});
