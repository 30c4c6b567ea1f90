import { describe, expect, test } from "vitest";
import { defineModel, f32, nn, random, u32, type Tensor } from "chainrule";
import { checkFunction, checkLayer, parametersOf } from "../layers.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const { functional } = nn;
const run = (f: (x: Tensor, key: Tensor) => Record<string, Tensor>, train = false) => {
  const s = new Session(defineModel("m", (m) => { m.fn("f", { x: f32("N", "M"), key: u32(2) }, ({ x, key }) => f(x as Tensor, key), { train }); }));
  return (x: number[][], seed = 0) => s.numbers("f", { x, key: [seed, 1] });
};
const rows = (n: number, m: number, value: number): number[][] => Array.from({ length: n }, () => Array.from({ length: m }, () => value));
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

describe("derivatives by finite differences", () => {
  test("bilinear, prelu, local response norm", () => {
    checkLayer(nn.bilinear(2, 3, 2), [[3, 2], [3, 3]], (f, x, y) => f(x, y));
    checkLayer(nn.prelu({ numParameters: 2 }), [[3, 2]], (f, x) => f(x));
    checkFunction([[1, 3, 2]], (x) => functional.localResponseNorm(x, 3, { alpha: 0.5 }));
  });
  test("what is measured along an axis", () => {
    checkFunction([[2, 4]], (x) => [x.diff(2), x.trapezoid({ dx: 0.5 }), x.cumulativeTrapezoid({ dim: 0 })]);
    checkFunction([[2, 4]], (x) => [x.corrcoef(), x.nanmean(1), x.sigmoid().entr(), x.ndtr()]);
  });
});

test("dropout of whole channels keeps or drops each as one; alpha dropout keeps mean and variance", () => {
  const s = new Session(defineModel("m", (m) => {
    const channels = m.use("d", nn.dropout2d(0.5)), alpha = m.use("a", nn.alphaDropout(0.3));
    m.fn("f", { x: f32("N", 8, 3, 3) }, ({ x }) => ({ y: channels(x) }), { train: true });
    m.fn("g", { x: f32("N") }, ({ x }) => ({ y: alpha(random.normal({ shape: x.shape })) }), { train: true });
    m.fn("h", { x: f32("N") }, ({ x }) => ({ y: alpha(x) }));
  }));
  const { y } = s.numbers("f", { x: Array.from({ length: 16 }, () => Array.from({ length: 8 }, () => rows(3, 3, 1))) });
  const kept = Array.from({ length: 128 }, (_, c) => new Set(y.slice(9 * c, 9 * c + 9)));
  expect(kept.every((values) => values.size === 1)).toBe(true);
  expect([...new Set(y)].sort()).toEqual([0, 2]);
  const noise = s.numbers("g", { x: rows(1, 20000, 0)[0] }).y;
  expect(mean(noise)).toBeCloseTo(0, 1);
  expect(mean(noise.map((v) => v * v))).toBeCloseTo(1, 1);
  expect(s.numbers("h", { x: [1, 2] }).y).toEqual([1, 2]);
});

test("gumbelSoftmax draws classes in proportion to their probabilities, one-hot where asked, with the soft derivative", () => {
  const draw = run((x, key) => ({ soft: functional.gumbelSoftmax(x, { key, tau: 0.5 }), hard: functional.gumbelSoftmax(x, { key, hard: true }) }));
  const { soft, hard } = draw(Array.from({ length: 4000 }, () => [0, Math.log(2), Math.log(5)]), 3);
  const share = (xs: number[], k: number): number => mean(xs.filter((_, i) => i % 3 === k));
  for (const [k, p] of [1 / 8, 2 / 8, 5 / 8].entries()) expect(share(hard, k)).toBeCloseTo(p, 1);
  expect(hard.every((v) => Math.abs(v) < 1e-6 || Math.abs(v - 1) < 1e-6)).toBe(true);
  expect(soft.slice(0, 3).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  expect(mistake(() => run((x) => ({ y: functional.gumbelSoftmax(x, { tau: 0 }) })))).toMatch(/gumbelSoftmax of f32\[N,M\] with tau = 0/);
});

test("rrelu: slopes within their bounds in training, the middle otherwise", () => {
  const x = rows(1, 500, -1);
  const drawn = run((x) => ({ y: functional.rrelu(x, 0.1, 0.3) }), true)(x).y;
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-0.3);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(-0.1);
  expect(mean(drawn)).toBeCloseTo(-0.2, 1);
  expect(run((x) => ({ y: functional.rrelu(x, 0.1, 0.3) }))([[-1, 2]]).y).toEqual([Math.fround(-0.2), 2].map((v) => expect.closeTo(v, 6) as number));
});

test("the rest of the activation layers, and layers by name", () => {
  const s = new Session(defineModel("m", (m) => {
    const names = ["hardshrink", "softshrink", "tanhshrink", "softmin"] as const, layers = names.map((name) => m.use(name, nn[name]()));
    const heads = m.use("heads", nn.dict({ left: nn.linear(4, 1), right: nn.linear(4, 2) }));
    const rest = { glu: m.use("glu", nn.glu()), threshold: m.use("threshold", nn.threshold(0, 9)), unflatten: m.use("unflatten", nn.unflatten(1, [2, -1])) };
    m.fn("f", { x: f32(2, 4) }, ({ x }: { x: Tensor }) => ({
      ...Object.fromEntries(names.flatMap((name, i) => [[`a_${name}`, layers[i](x)], [`b_${name}`, name === "softmin" ? x.softmin(-1) : x[name]()]])),
      a_glu: rest.glu(x), b_glu: x.glu(), a_threshold: rest.threshold(x), b_threshold: x.threshold(0, 9), a_parts: rest.unflatten(x), b_parts: x.reshape(2, 2, 2), left: heads.left(x), right: heads.right(x),
    }));
  }));
  const got = s.call("f", { x: [[-2, -0.4, 0, 0.3], [0.5, 1, 8, -1]] });
  for (const name of Object.keys(got).filter((n) => n.startsWith("a_"))) expect(got[name], name).toEqual(got[name.replace("a_", "b_")]);
  expect([got.left.shape, got.right.shape]).toEqual([[2, 1], [2, 2]]);
  expect([...parametersOf(nn.dict({ left: nn.linear(4, 1) })).keys()]).toEqual(["left.weight", "left.bias"]);
});

test("mistakes name the shapes", () => {
  const of = (body: (x: Tensor) => unknown) => mistake(() => defineModel("m", (m) => { m.fn("f", { x: f32("N", 4, 2) }, ({ x }) => { body(x as Tensor); return { x }; }); }));
  expect(of((x) => functional.channelShuffle(x, 3))).toMatch(/channelShuffle of f32\[N,4,2\] in 3 groups/);
  expect(of((x) => functional.bilinear(x, x, x))).toMatch(/bilinear of f32\[N,4,2\] and f32\[N,4,2\] with a weight f32\[N,4,2\]/);
  expect(of((x) => x.tensorSplit(2, 0))).toMatch(/tensorSplit of f32\[N,4,2\]: the size of axis 0 is "N"/);
  expect(of((x) => x.trapezoid({ x: x.select(2, 0) }))).toMatch(/trapezoid of f32\[N,4,2\] at f32\[N,4\]/);
});
