import fc from "fast-check";
import { expect, test } from "vitest";
import { arange, defineModel, f32, f64, grad, nn, tensor, type Tensor } from "chainrule";
import { mistake } from "../../mistake.ts";
import { Session } from "../../session.ts";

const F = nn.functional;
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** Repeatable numbers as a constant tensor. */
const some = (shape: readonly number[], seed = 1): Tensor => tensor(Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233) * 4), "f64").reshape([...shape]);
/** The elements of tensors made of constants. */
function values(results: () => Record<string, Tensor>): Record<string, number[]> {
  return new Session(defineModel("m", (m) => { m.fn("f", {}, () => results()); })).numbers("f");
}
const close = (got: readonly number[], want: readonly number[]): void => {
  expect(got.length).toBe(want.length);
  for (const [i, x] of got.entries()) expect(x, `element ${i}`).toBeCloseTo(want[i], 9);
};

const geometry = fc.record({
  size: fc.integer({ min: 3, max: 7 }), kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 3 }), padding: fc.nat(1), dilation: fc.integer({ min: 1, max: 2 }),
});
const fits = ({ size, kernel, padding, dilation }: { size: number; kernel: number; padding: number; dilation: number }): boolean => size + 2 * padding >= dilation * (kernel - 1) + 1;

test("a convolution is a product with every patch", () => {
  fc.assert(fc.property(geometry, ({ size, kernel, ...options }) => {
    if (!fits({ size, kernel, ...options })) return;
    const x = () => some([2, 3, size, size + 1]), w = () => some([4, 3, kernel, kernel], 2);
    const { conv, product } = values(() => ({
      conv: F.conv2d(x(), w(), null, options).flatten(),
      product: w().reshape([4, -1]).matmul(F.unfold(x(), kernel, options)).flatten(),
    }));
    close(conv, product);
  }), { numRuns: 30 });
});

test("a transposed convolution is the adjoint: <conv(x, w), y> = <x, convTranspose(y, w)>", () => {
  fc.assert(fc.property(geometry, fc.integer({ min: 1, max: 2 }), ({ size, kernel, ...options }, groups) => {
    if (!fits({ size, kernel, ...options })) return;
    const { stride, padding, dilation } = options;
    const out = Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
    const outputPadding = size - ((out - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1);
    const x = () => some([1, 2 * groups, size]), w = () => some([3 * groups, 2, kernel], 2), y = () => some([1, 3 * groups, out], 3);
    const { left, right } = values(() => ({
      left: F.conv1d(x(), w(), null, { ...options, groups }).mul(y()).sum(),
      right: x().mul(F.convTranspose1d(y(), w(), null, { ...options, groups, outputPadding })).sum(),
    }));
    expect(left[0]).toBeCloseTo(right[0], 8);
  }), { numRuns: 40 });
});

test("fold adds up what unfold took apart", () => {
  fc.assert(fc.property(geometry, ({ size, kernel, ...options }) => {
    if (!fits({ size, kernel, ...options })) return;
    const x = () => some([1, 2, size, size]), y = () => F.unfold(some([1, 2, size, size], 5), kernel, options);
    const { left, right } = values(() => ({ left: F.unfold(x(), kernel, options).mul(y()).sum(), right: x().mul(F.fold(y(), size, kernel, options)).sum() }));
    expect(left[0]).toBeCloseTo(right[0], 7);
  }), { numRuns: 30 });
});

test("indices lead back to the maxima, in windows of any geometry", () => {
  fc.assert(fc.property(geometry, fc.boolean(), ({ size, kernel, stride, dilation }, ceilMode) => {
    const padding = Math.floor((dilation * (kernel - 1) + 1) / 2 / 2);
    if (!fits({ size, kernel, padding, dilation })) return;
    const x = () => some([2, 2, size, size]);
    const { got, want } = values(() => {
      const { values: maxima, indices } = F.maxPool2d(x(), kernel, { stride, padding, dilation, ceilMode, returnIndices: true });
      return { got: x().flatten(2).gather(2, indices.flatten(2)).flatten(), want: maxima.flatten() };
    });
    expect(got).toEqual(want);
  }), { numRuns: 40 });
});

test("of equal maxima the first counts; NaN wins; a window of −∞ has an element all the same", () => {
  const inf = Infinity;
  const { y, at, nan, low } = values(() => {
    const pooled = F.maxPool1d(tensor([1, 3, 3, 2, -inf, -inf], "f64").reshape([1, 1, 6]), 3, { stride: 3, padding: 1, returnIndices: true });
    return { y: pooled.values, at: pooled.indices,
      nan: F.maxPool1d(tensor([1, NaN, 3, 2], "f64").reshape([1, 1, 4]), 2, { returnIndices: true }).indices,
      low: F.maxPool1d(tensor([-inf, -inf, 0], "f64").reshape([1, 1, 3]), 3, { padding: 1, stride: 3, returnIndices: true }).indices };
  });
  expect(y).toEqual([3, 3]);
  expect(at).toEqual([1, 2]);
  expect(nan).toEqual([1, 2]);
  expect(low).toEqual([0]);
});

test("max unpooling puts the maxima back", () => {
  const { y } = values(() => {
    const { values: maxima, indices } = F.maxPool2d(arange(0, 16, 1, "f64").reshape([1, 1, 4, 4]), 2, { returnIndices: true });
    return { y: F.maxUnpool2d(maxima, indices, 2) };
  });
  expect(y).toEqual([0, 0, 0, 0, 0, 5, 0, 7, 0, 0, 0, 0, 0, 13, 0, 15]);
});

test("adaptive pooling covers every element, evenly or not", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (size, out) => {
    const line = Array.from({ length: size }, (_, i) => Math.sin(i * 7.3));
    const spans = Array.from({ length: out }, (_, i) => line.slice(Math.floor((i * size) / out), Math.ceil(((i + 1) * size) / out)));
    const x = () => tensor(line, "f64").reshape([1, 1, size]);
    const { mean, max, at } = values(() => {
      const found = F.adaptiveMaxPool1d(x(), out, { returnIndices: true });
      return { mean: F.adaptiveAvgPool1d(x(), out), max: found.values, at: found.indices };
    });
    close(mean, spans.map((s) => s.reduce((a, b) => a + b, 0) / s.length));
    expect(max).toEqual(spans.map((s) => Math.max(...s)));
    expect(at.map((i) => line[i])).toEqual(max);
  }), { numRuns: 60 });
});

test("indices of adaptive pooling over several axes", () => {
  const { got, want } = values(() => {
    const { values: maxima, indices } = F.adaptiveMaxPool2d(some([1, 2, 5, 7]), [3, 4], { returnIndices: true });
    return { want: maxima.flatten(), got: some([1, 2, 5, 7]).flatten(2).gather(2, indices.flatten(2)).flatten() };
  });
  expect(got).toEqual(want);
});

test("resampling keeps a constant, keeps the corners where they are aligned, and keeps NaN to its neighbours", () => {
  const modes = ["nearest", "nearest-exact", "bilinear", "bicubic", "area"] as const;
  const got = values(() => ({
    ...Object.fromEntries(modes.map((mode) => [mode.replace("-", "_"), F.interpolate(tensor([[[[3, 3, 3], [3, 3, 3]]]], "f64"), { size: [5, 4], mode })])),
    corners: F.interpolate(tensor([[[[1, 2, 4], [8, 16, 32]]]], "f64"), { size: [3, 5], mode: "bicubic", alignCorners: true }),
    nan: F.interpolate(tensor([[[1, 2, 3, NaN]]], "f64"), { scaleFactor: 2, mode: "linear" }),
  }));
  for (const mode of modes) close(got[mode.replace("-", "_")], Array.from({ length: 20 }, () => 3));
  close([0, 2, 4, 10, 12, 14].map((i) => got.corners[i]), [1, 2, 4, 8, 16, 32]);
  expect(got.nan.slice(0, 5).every(Number.isFinite)).toBe(true);
  expect(got.nan.slice(5).every(Number.isNaN)).toBe(true);
});

test("a grid of the identity samples the image itself", () => {
  for (const alignCorners of [false, true]) {
    const { got, want } = values(() => {
      const x = some([1, 2, 3, 4]), theta = tensor([[[1, 0, 0], [0, 1, 0]]], "f64");
      return { want: x, got: F.gridSample(x, F.affineGrid(theta, [1, 2, 3, 4], { alignCorners }), { alignCorners }) };
    });
    close(got, want);
  }
});

test("symbolic sizes: any batch, any length, any stride", () => {
  const s = new Session(defineModel("m", (m) => {
    m.symbol("T", { min: 3 });
    m.fn("f", { x: f64("B", 1, "T"), w: f64(1, 1, 3) }, ({ x, w }) => {
      const y = F.conv1d(x, w, null, { stride: 2, padding: 1 });
      return { y, gradX: grad(y.square().sum(), x), gradW: grad(y.square().sum(), w), pooled: F.maxPool1d(F.conv1d(x, w), 1) };
    });
  }));
  for (const T of [3, 6, 7]) {
    const line = Array.from({ length: T }, (_, i) => i + 1), padded = [0, ...line, 0];
    const y = Array.from({ length: Math.floor((T - 1) / 2) + 1 }, (_, i) => padded[2 * i] + 10 * padded[2 * i + 1] + 100 * padded[2 * i + 2]);
    const got = s.numbers("f", { x: [[line]], w: [[[1, 10, 100]]] });
    expect(got.y).toEqual(y);
    expect(got.gradW).toEqual([0, 1, 2].map((k) => y.reduce((sum, v, i) => sum + 2 * v * padded[2 * i + k], 0)));
  }
});

test("mistakes name the tensors, the sizes and the remedy", () => {
  const of = (body: (x: Tensor, w: Tensor) => Tensor, shape: readonly (number | string)[] = ["B", 3, 8, 8]) =>
    mistake(() => defineModel("m", (m) => { m.fn("f", { x: f32(...shape), w: f32(4, 3, 3, 3) }, ({ x, w }) => ({ y: body(x as Tensor, w as Tensor) })); }));
  expect(of((x, w) => F.conv2d(x, w), ["B", 5, 8, 8])).toMatch(/conv2d of f32\[B,5,8,8\] with a weight f32\[4,3,3,3\]: 5 channels against 3\n.*the weight is \[out, in, …kernel\][\s\S]*windows\.test\.ts/);
  expect(of((x, w) => F.conv2d(x, w, null, { groups: 3 }))).toMatch(/3 channels against 9/);
  expect(of((x, w) => F.conv1d(x, w))).toMatch(/conv1d of f32\[B,3,8,8\]\n {2}it takes \[N, C, L\], or \[C, L\] without a batch/);
  expect(of((x, w) => F.conv2d(x, w), ["B", 3, 2, 8])).toMatch(/along spatial axis 0 a window reaches over 3 elements, and there are 2 with padding\n {2}use a smaller kernel/);
  expect(of((x, w) => F.conv2d(x, w), ["B", 3, "H", 8])).toMatch(/may not fit into H for some value of its symbols\n.*m\.symbol/);
  expect(of((x, w) => F.conv2d(x, w, null, { padding: "same", stride: 2 }))).toMatch(/padding "same" with stride 2, 2/);
  expect(of((x, w) => F.conv2d(x, w, null, { stride: 0 }))).toMatch(/stride is 0\n {2}give a whole number from 1/);
  expect(of((x, w) => F.conv2d(x, w, x.select(0, 0).select(0, 0).select(0, 0)))).toMatch(/the bias is f32\[8\]\n {2}it must have shape \[4\]/);
  expect(of((x, w) => F.convTranspose2d(x, w))).toMatch(/convTranspose2d of .*: 3 channels against 4/);
  expect(of((x) => F.convTranspose2d(x, x.narrow(0, 0, 1).reshape([3, 1, 8, 8]), null, { outputPadding: 1 }))).toMatch(/outputPadding 1 along spatial axis 0\n {2}it must be smaller than the stride \(1\) or the dilation \(1\)/);
  expect(of((x) => F.maxPool2d(x, 2, { padding: 2 }))).toMatch(/padding 2 along spatial axis 0\n {2}it is at most half/);
  expect(of((x) => F.avgPool2d(x, 2, { divisorOverride: 0 }))).toMatch(/divisorOverride is 0/);
  expect(of((x) => F.adaptiveAvgPool2d(x, 0))).toMatch(/the output size is 0/);
  expect(of((x) => F.adaptiveAvgPool2d(x, [3, 2]), ["B", 3, "H", 8])).toMatch(/H elements to 3\n {2}give sizes in numbers/);
  expect(of((x) => F.interpolate(x, {}))).toMatch(/give either size or scaleFactor/);
  expect(of((x) => F.interpolate(x, { scaleFactor: 2, mode: "trilinear" }))).toMatch(/it takes \[N, C, …\] with 3 spatial axes/);
  expect(of((x) => F.interpolate(x, { scaleFactor: 2, alignCorners: true }))).toMatch(/with alignCorners/);
  expect(of((x) => F.fold(x.flatten(2), [4, 4], 2))).toMatch(/3 rows are not a number of channels times 2·2/);
});
