import { describe, expect, test } from "vitest";
import { defineModel, f32, f64, nn, optim, random, type ModelBuilder, type Tensor } from "chainrule";
import { checkFunction, checkLayer, parametersOf } from "../layers.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const { functional } = nn;

describe("derivatives by finite differences", () => {
  test("scaledDotProductAttention: causal, masked, with grouped heads", () => {
    checkFunction([[1, 3, 2], [1, 4, 2], [1, 4, 3]], (q, k, v) => functional.scaledDotProductAttention(q, k, v, { isCausal: true }));
    checkFunction([[3, 2], [2, 2], [2, 1], [3, 2]], (q, k, v, attnMask) => functional.scaledDotProductAttention(q, k, v, { attnMask, scale: 0.7 }));
    checkFunction([[2, 2, 2], [1, 2, 2], [1, 2, 2]], (q, k, v) => functional.scaledDotProductAttention(q, k, v, { enableGqa: true }));
  });
  test("multiheadAttention", () => checkLayer(nn.multiheadAttention(4, 2, { addBiasKv: true }), [[2, 1, 4], [3, 1, 4]], (f, q, k) => f(q, k, k)));
  test("transformerEncoderLayer", () => checkLayer(nn.transformerEncoderLayer(2, 1, { dimFeedforward: 2, activation: "gelu", normFirst: true }), [[3, 1, 2]], (f, x) => f(x, { isCausal: true }), { tolerance: 1e-5 }));
  test("transformerDecoderLayer", () => checkLayer(nn.transformerDecoderLayer(2, 2, { dimFeedforward: 2, activation: "gelu" }), [[2, 1, 2], [2, 1, 2]], (f, x, m) => f(x, m), { tolerance: 1e-4 }));
  test("rotaryEmbedding", () => {
    checkFunction([[3, 4]], (x) => functional.rotaryEmbedding(x));
    checkFunction([[2, 3, 4]], (x) => functional.rotaryEmbedding(x, { interleaved: true, base: 100 }));
  });
});

test("stacks name their layers as PyTorch does", () => {
  const names = [...parametersOf(nn.transformerEncoder(nn.transformerEncoderLayer(4, 2), 2, nn.layerNorm(4))).keys()];
  expect(names.slice(0, 4)).toEqual(["layers.0.self_attn.in_proj_weight", "layers.0.self_attn.in_proj_bias", "layers.0.self_attn.out_proj.weight", "layers.0.self_attn.out_proj.bias"]);
  expect(names.filter((n) => n.startsWith("layers.1.")).length).toBe(12);
  expect(names.slice(-2)).toEqual(["norm.weight", "norm.bias"]);
  expect([...parametersOf(nn.transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1 })).keys()].filter((n) => n.includes("norm3") || n.endsWith("r.norm.bias"))).toEqual(["encoder.norm.bias", "decoder.layers.0.norm3.weight", "decoder.layers.0.norm3.bias", "decoder.norm.bias"]);
});

test("initial values are PyTorch's: Xavier for the projections in, zero biases; of a whole transformer, Xavier for all", () => {
  const bounds = (define: (m: ModelBuilder) => void) => Object.fromEntries(defineModel("net", define).variables.map((v) => [v.name, v.init.kind === "uniform" ? v.init.high : v.init.kind === "constant" ? v.init.value : NaN]));
  const mha = bounds((m) => { m.use("a", nn.multiheadAttention(4, 2)); });
  expect(mha["a.in_proj_weight"]).toBeCloseTo(Math.sqrt(6 / (4 + 12)), 12);
  expect(mha["a.out_proj.weight"]).toBeCloseTo(1 / 2, 12);
  expect([mha["a.in_proj_bias"], mha["a.out_proj.bias"]]).toEqual([0, 0]);
  const all = bounds((m) => { m.use("t", nn.transformer({ dModel: 4, nhead: 1, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 8 })); });
  expect(all["t.encoder.layers.0.linear1.weight"]).toBeCloseTo(Math.sqrt(6 / 12), 12);
  expect(all["t.decoder.layers.0.multihead_attn.out_proj.weight"]).toBeCloseTo(Math.sqrt(6 / 8), 12);
});

test("causal attention is that with the mask of a triangle, for any length; in parts too, one query at a time", () => {
  const s = new Session(defineModel("net", { dtype: "f64" }, (m) => {
    const attend = m.use("a", nn.multiheadAttention(4, 2));
    m.fn("f", { x: f64("T", "B", 4) }, ({ x }) => {
      const mask = x.select(1, 0).matmul(x.select(1, 0).t()).onesLike("bool").convert("i32").triu(1).bool();
      const [y, w] = attend(x, x, x, { isCausal: true }), [y2, w2] = attend(x, x, x, { attnMask: mask });
      return { y, w, y2, w2 };
    });
  }), [1, 2]);
  for (const length of [1, 2, 5]) {
    const x = Array.from({ length }, (_, t) => [[Math.sin(t), t / 4, 1, -1], [0.5, Math.cos(t), 0, t % 2]]);
    const { y, w, y2, w2 } = s.numbers("f", { x });
    y.forEach((v, i) => expect(v).toBeCloseTo(y2[i], 12));
    w.forEach((v, i) => expect(v).toBeCloseTo(w2[i], 12));
    expect(w[1]).toBe(length === 1 ? w[1] : 0);
  }
});

test("a bool mask in which a query has no keys gives zeros and no NaN in any derivative", () => {
  const s = new Session(defineModel("net", (m) => {
    m.fn("f", { q: f32(2, 2), k: f32(2, 2), v: f32(2, 2) }, ({ q, k, v }) => {
      const attnMask = q.sum(1, true).gt(0).expand([2, 2]);
      return { y: functional.scaledDotProductAttention(q, k, v, { attnMask }) };
    });
  }));
  expect(s.numbers("f", { q: [[-1, -1], [1, 1]], k: [[1, 2], [1, 2]], v: [[2, 4], [4, 8]] }).y).toEqual([0, 0, 3, 6]);
  expect(s.numbers("f", { q: [[NaN, -1], [1, 1]], k: [[1, 2], [1, NaN]], v: [[2, 4], [4, 8]] }).y.slice(2)).toEqual([NaN, NaN]);
});

test("sinusoidal positions are those of the paper; a rotation keeps lengths and sees distances only", () => {
  const s = new Session(defineModel("net", { dtype: "f64" }, (m) => {
    m.fn("waves", { x: f64("T", 6) }, ({ x }) => ({ y: m.use("p", nn.positionalEncoding())(x.mul(0)) }));
    m.fn("turn", { q: f64("T", 4), k: f64("T", 4) }, ({ q, k }) => {
      const at = (x: Tensor, by: number) => functional.rotaryEmbedding(x, { positions: x.select(1, 0).mul(0).int().add(by).add(q.select(1, 0).onesLike("i32").cumsum(0)) });
      return { a: functional.rotaryEmbedding(q).matmul(functional.rotaryEmbedding(k).t()), b: at(q, 6).matmul(at(k, 6).t()), c: functional.rotaryEmbedding(q, { interleaved: true }).norm(2, 1), d: q.norm(2, 1) };
    });
  }));
  const { y } = s.numbers("waves", { x: Array.from({ length: 3 }, () => [0, 0, 0, 0, 0, 0]) });
  for (let p = 0; p < 3; p++) for (let c = 0; c < 6; c++) {
    const angle = p / 10000 ** (2 * Math.floor(c / 2) / 6);
    expect(y[p * 6 + c]).toBeCloseTo(c % 2 === 0 ? Math.sin(angle) : Math.cos(angle), 12);
  }
  const { a, b, c, d } = s.numbers("turn", { q: [[1, 2, 3, 4], [0, -1, 2, 1], [3, 1, 1, 0]], k: [[1, 0, 0, 1], [2, 2, -1, 0], [0, 1, 1, 3]] });
  a.forEach((v, i) => expect(b[i]).toBeCloseTo(v, 10));
  c.forEach((v, i) => expect(v).toBeCloseTo(d[i], 12));
});

test("an encoder learns to copy the first token to every place, which only attention can", () => {
  const s = new Session(defineModel("net", (m) => {
    const encode = m.use("encoder", nn.transformerEncoder(nn.transformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0, batchFirst: true, normFirst: true }), 1)), read = m.use("read", nn.linear(8, 1)), place = m.use("place", nn.positionalEncoding({ dropout: 0 }));
    m.trainStep("train", {}, () => {
      const x = random.uniform({ shape: [8, 4, 8], low: -1, high: 1 });
      const y = read(encode(place(x))).squeeze(-1), want = x.select(1, 0).select(1, 0).unsqueeze(1);
      return y.sub(want).square().mean();
    }, optim.adam({ lr: 0.03 }));
  }));
  const losses = Array.from({ length: 80 }, () => s.numbers("train").loss[0]);
  const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
  expect(mean(losses.slice(-10))).toBeLessThan(0.5 * mean(losses.slice(0, 10)));
});

test("mistakes name the shapes", () => {
  const of = (body: (x: Tensor, m: Tensor) => unknown) => mistake(() => defineModel("net", (m) => { m.fn("f", { x: f32("B", 3, 4), mask: f32(2, 5) }, ({ x, mask }) => { body(x as Tensor, mask as Tensor); return { x }; }); }));
  expect(of((x) => functional.scaledDotProductAttention(x, x.narrow(2, 0, 2), x))).toMatch(/attention of queries f32\[B,3,4\] to keys f32\[B,3,2\]: 4 against 2/);
  expect(of((x, attnMask) => functional.scaledDotProductAttention(x, x, x, { attnMask }))).toMatch(/the mask is f32\[2,5\]\n {2}it must broadcast to f32\[B,3,3\]/);
  expect(of((x, mask) => functional.scaledDotProductAttention(x, x, x, { attnMask: mask.int() }))).toMatch(/the mask is i32\[2,5\]\n {2}a mask is bool/);
  expect(of((x) => functional.scaledDotProductAttention(x, x.narrow(1, 0, 2), x))).toMatch(/2 keys for values f32\[B,3,4\]/);
  expect(of((x) => functional.scaledDotProductAttention(x.unsqueeze(1), x.unsqueeze(1).expand(["B", 2, 3, 4]), x.unsqueeze(1), { enableGqa: true }))).toMatch(/attention with grouped heads/);
  expect(mistake(() => nn.multiheadAttention(5, 2))).toMatch(/2 heads of a width of 5/);
  expect(of((x) => functional.rotaryEmbedding(x.narrow(2, 0, 3)))).toMatch(/rotaryEmbedding: the width is 3/);
  const layer = (call: (f: nn.MultiheadAttentionMap<4>, x: Tensor, mask: Tensor) => unknown) => mistake(() => defineModel("net", (m) => {
    const f = m.use("a", nn.multiheadAttention(4, 2, { batchFirst: true }));
    m.fn("f", { x: f32("B", 3, 4), mask: f32(2, 5) }, ({ x, mask }) => { call(f, x as Tensor, mask as Tensor); return { x }; });
  }));
  expect(layer((f, x, attnMask) => f(x, x, x, { attnMask }))).toMatch(/the attention mask is f32\[2,5\]\n {2}it must have shape \[3,3\] or \[2\*B,3,3\]/);
  expect(layer((f, x, keyPaddingMask) => f(x, x, x, { keyPaddingMask }))).toMatch(/the key padding mask is f32\[2,5\]\n {2}it must have shape \[B,3\]/);
  expect(layer((f, x) => f(x, x.narrow(1, 0, 2), x))).toMatch(/2 keys for 3 values/);
});
