import { expect, test } from "vitest";
import { defineModel, f32, f64, losses, nn, optim, i32, type Float, type Layer, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const variables = (layer: Layer<unknown, Float>) => defineModel("m", (m) => { m.use("l", layer); }).variables;
const line = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i * 1.7));
/** What a layer makes of a constant image, and what a function of its parameters makes of it. */
function agree(shape: readonly number[], layer: Layer<(x: Tensor) => Tensor, Float>, want: (x: Tensor, parameter: (name: string) => Tensor) => Tensor): void {
  const s = new Session(defineModel("m", { dtype: "f64" }, (m) => {
    const l = m.use("l", layer) as ((x: Tensor) => Tensor) & Record<string, Tensor>;
    m.fn("f", { x: f64(...shape) }, ({ x }) => ({ got: l(x as Tensor), want: want(x as Tensor, (name) => l[name]) }));
  }));
  const { got, want: expected } = s.call("f", { x: { dtype: "f64", shape, data: Float64Array.from(line(shape.reduce((a, b) => a * b, 1))) } });
  expect(got).toEqual(expected);
}
const F = nn.functional;

test("convolutions have PyTorch's parameters and initial values", () => {
  const types = (layer: Layer<unknown, Float>) => variables(layer).map((v) => [v.name, v.type.shape, Math.round((v.init as { high: number }).high * 1e9) / 1e9]);
  const bound = (fanIn: number) => Math.round(1e9 / Math.sqrt(fanIn)) / 1e9;
  expect(types(nn.conv1d(4, 6, 3))).toEqual([["l.weight", [6, 4, 3], bound(12)], ["l.bias", [6], bound(12)]]);
  expect(types(nn.conv2d(4, 6, [3, 2], { groups: 2 }))).toEqual([["l.weight", [6, 2, 3, 2], bound(12)], ["l.bias", [6], bound(12)]]);
  expect(types(nn.conv3d(1, 2, 2, { bias: false }))).toEqual([["l.weight", [2, 1, 2, 2, 2], bound(8)]]);
  // PyTorch's fan in of a transposed convolution is that of its second dimension, the outputs
  expect(types(nn.convTranspose2d(4, 6, 3, { groups: 2 }))).toEqual([["l.weight", [4, 3, 3, 3], bound(27)], ["l.bias", [6], bound(27)]]);
});

test("a layer is its function with its parameters", () => {
  const weight = (p: (name: string) => Tensor) => [p("weight"), p("bias")] as const;
  agree([1, 2, 7], nn.conv1d(2, 3, 3, { padding: "same", dilation: 2 }), (x, p) => F.conv1d(x, ...weight(p), { padding: "same", dilation: 2 }));
  agree([1, 4, 5, 5], nn.conv2d(4, 2, 3, { stride: 2, padding: 1, groups: 2 }), (x, p) => F.conv2d(x, ...weight(p), { stride: 2, padding: 1, groups: 2 }));
  agree([1, 1, 3, 3, 3], nn.conv3d(1, 2, 2), (x, p) => F.conv3d(x, ...weight(p)));
  agree([2, 2, 4], nn.convTranspose1d(2, 2, 3, { stride: 2, outputPadding: 1 }), (x, p) => F.convTranspose1d(x, ...weight(p), { stride: 2, outputPadding: 1 }));
  agree([1, 4, 4, 4], nn.maxPool2d(2), (x) => F.maxPool2d(x, 2));
  agree([1, 4, 4], nn.avgPool1d(3, { padding: 1, stride: 1 }), (x) => F.avgPool1d(x, 3, { padding: 1, stride: 1 }));
  agree([1, 2, 4, 4], nn.lpPool2d(2, 2), (x) => F.lpPool2d(x, 2, 2));
  agree([1, 2, 5, 4], nn.adaptiveAvgPool2d([2, null]), (x) => F.adaptiveAvgPool2d(x, [2, null]));
  agree([1, 2, 5], nn.adaptiveMaxPool1d(2), (x) => F.adaptiveMaxPool1d(x, 2));
  agree([1, 2, 3, 3], nn.upsample({ scaleFactor: 2, mode: "bilinear" }), (x) => F.interpolate(x, { scaleFactor: 2, mode: "bilinear" }));
  agree([1, 4, 2, 2], nn.pixelShuffle(2), (x) => x.pixelShuffle(2));
  agree([1, 1, 4, 4], nn.pixelUnshuffle(2), (x) => x.pixelUnshuffle(2));
  agree([1, 2, 3, 3], nn.unfold(2), (x) => F.unfold(x, 2));
  agree([1, 4, 4], nn.fold(3, 2), (x) => F.fold(x, 3, 2));
  agree([1, 2, 3, 3], nn.zeroPad2d([1, 0, 2, 1]), (x) => x.pad([1, 0, 2, 1]));
  agree([1, 2, 3], nn.constantPad1d(1, 7), (x) => x.pad([1, 1], { value: 7 }));
  agree([1, 2, 3, 3], nn.reflectionPad2d(1), (x) => x.pad([1, 1, 1, 1], { mode: "reflect" }));
});

test("padding other than zeros is put around the input first, the last axis first", () => {
  for (const paddingMode of ["reflect", "replicate", "circular"] as const)
    agree([1, 1, 4, 5], nn.conv2d(1, 2, 3, { padding: [1, 2], paddingMode }), (x, p) => F.conv2d(x.pad([2, 2, 1, 1], { mode: paddingMode }), p("weight"), p("bias")));
  agree([1, 1, 6], nn.conv1d(1, 1, 4, { padding: "same", paddingMode: "circular" }), (x, p) => F.conv1d(x.pad([1, 2], { mode: "circular" }), p("weight"), p("bias")));
});

test("batch norm over images normalises each channel over batch and positions", () => {
  const s = new Session(defineModel("m", { dtype: "f64" }, (m) => {
    const bn = m.use("bn", nn.batchNorm2d(2)), b3 = m.use("b3", nn.batchNorm3d(1));
    m.fn("train", { x: f64("B", 2, 2, 2) }, ({ x }) => ({ y: bn(x), z: b3(x.narrow(1, 0, 1).unsqueeze(2)) }), { train: true });
    m.fn("eval", { x: f64("B", 2, 2, 2) }, ({ x }) => ({ y: bn(x) }));
  }));
  expect(Object.keys(s.variables).slice(0, 5)).toEqual(["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked"]);
  const data = line(16), x = { dtype: "f64" as const, shape: [2, 2, 2, 2], data: Float64Array.from(data) };
  const { y, z } = s.numbers("train", { x });
  const channel = [...data.slice(0, 4), ...data.slice(8, 12)], mean = channel.reduce((a, b) => a + b) / 8;
  const variance = channel.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 8;
  expect(y[0]).toBeCloseTo((data[0] - mean) / Math.sqrt(variance + 1e-5), 12);
  expect(z).toEqual([...y.slice(0, 4), ...y.slice(8, 12)]);
  expect(s.variables["bn.running_mean"].data[0]).toBeCloseTo(0.1 * mean, 12);
  expect(s.variables["bn.running_var"].data[0]).toBeCloseTo(0.9 + (0.1 * variance * 8) / 7, 12);
});

test("instance norm goes by the example; with running statistics, by these outside training", () => {
  const s = new Session(defineModel("m", { dtype: "f64" }, (m) => {
    const plain = m.use("plain", nn.instanceNorm1d(1)), tracking = m.use("tracking", nn.instanceNorm1d(1, { affine: true, trackRunningStats: true, momentum: 1 }));
    m.fn("f", { x: f64("B", 1, 4) }, ({ x }) => ({ y: plain(x), single: plain(x.select(0, 0)), before: tracking(x) }));
    m.fn("train", { x: f64("B", 1, 4) }, ({ x }) => ({ y: tracking(x) }), { train: true });
  }));
  expect(Object.keys(s.variables)).toEqual(["tracking.weight", "tracking.bias", "tracking.running_mean", "tracking.running_var", "tracking.num_batches_tracked"]);
  const x = [[[1, 2, 3, 4]], [[0, 0, 4, 4]]];
  const { y, single, before } = s.numbers("f", { x });
  expect(y.slice(4)[0]).toBeCloseTo(-1, 5);
  expect(single).toEqual(y.slice(0, 4));
  expect(before[0]).toBeCloseTo(1, 4); // mean 0, variance 1 to begin with
  s.call("train", { x });
  expect(s.variables["tracking.running_mean"].data[0]).toBeCloseTo((2.5 + 2) / 2, 12);
});

test("a convolutional net trains", () => {
  const s = new Session(defineModel("m", (m) => {
    const net = m.use("net", nn.sequential(nn.conv2d(1, 3, 3, { padding: 1 }), nn.batchNorm2d(3), nn.relu(), nn.maxPool2d(2), nn.dropout2d(0), nn.flatten(), nn.linear(12, 2)));
    m.trainStep("train", { x: f32("B", 1, 4, 4), label: i32("B") }, ({ x, label }) => losses.crossEntropy(net(x), label), optim.sgd({ lr: 0.5 }));
  }));
  const x = { dtype: "f32" as const, shape: [4, 1, 4, 4], data: Float64Array.from(line(64)) }, label = [0, 1, 1, 0];
  const history = Array.from({ length: 12 }, () => s.numbers("train", { x, label }).loss[0]);
  expect(history[0]).toBeGreaterThan(0.3);
  expect(history.at(-1)).toBeLessThan(0.05);
});

test("mistakes say what the layer takes", () => {
  const used = (layer: Layer<(x: Tensor) => Tensor, Float>) => mistake(() => defineModel("m", (m) => {
    const l = m.use("l", layer);
    m.fn("f", { x: f32("B", 3, 8) }, ({ x }) => ({ y: l(x) }));
  }));
  expect(used(nn.conv2d(3, 4, 3))).toMatch(/conv2d of f32\[B,3,8\] with a weight f32\[4,3,3,3\]: B channels against 3/);
  expect(used(nn.conv1d(4, 4, 3))).toMatch(/3 channels against 4/);
  expect(used(nn.conv1d(3, 4, 3, { groups: 2 }))).toMatch(/conv1d with 3 input channels in 2 groups/);
  expect(used(nn.batchNorm2d(3))).toMatch(/batchNorm2d of f32\[B,3,8\]\n {2}it takes \[N, C, H, W\]/);
  expect(used(nn.instanceNorm1d(4))).toMatch(/instanceNorm1d of f32\[B,3,8\]: 3 channels against 4/);
});
