import { test } from "vitest";
import { nn, Tensor } from "chainrule";
import { checkDerivatives, random, randomLike, sin } from "../../../compiler/autodiff/support.ts";

/** Every function over windows, in f64, against finite differences: first and second order, both modes. */
const F = nn.functional;

const cases: Record<string, { readonly shapes: readonly (readonly number[])[]; readonly of: (...xs: Tensor[]) => Tensor }> = {
  conv1d: { shapes: [[2, 2, 5], [4, 1, 2], [4]], of: (x, w, b) => F.conv1d(x, w, b, { stride: 2, padding: 1, groups: 2 }) },
  "conv1d, same": { shapes: [[1, 2, 5], [1, 2, 4]], of: (x, w) => F.conv1d(x, w, null, { padding: "same", dilation: 2 }) },
  "conv1d without a batch": { shapes: [[2, 4], [1, 2, 3]], of: (x, w) => F.conv1d(x, w) },
  conv2d: { shapes: [[1, 2, 4, 5], [2, 2, 3, 2], [2]], of: (x, w, b) => F.conv2d(x, w, b, { stride: [1, 2], padding: [1, 0], dilation: [1, 2] }) },
  "conv2d, depthwise": { shapes: [[1, 3, 3, 3], [3, 1, 2, 2]], of: (x, w) => F.conv2d(x, w, null, { groups: 3 }) },
  conv3d: { shapes: [[1, 1, 3, 2, 3], [2, 1, 2, 2, 2]], of: (x, w) => F.conv3d(x, w, null, { padding: [0, 1, 0], stride: [1, 2, 1] }) },
  convTranspose1d: { shapes: [[1, 2, 3], [2, 1, 3], [2]], of: (x, w, b) => F.convTranspose1d(x, w, b, { stride: 3, padding: 1, outputPadding: 2, groups: 2 }) },
  convTranspose2d: { shapes: [[1, 2, 2, 3], [2, 2, 2, 2], [2]], of: (x, w, b) => F.convTranspose2d(x, w, b, { stride: 2, padding: [1, 0], dilation: [1, 2] }) },
  convTranspose3d: { shapes: [[1, 1, 2, 2, 1], [1, 1, 2, 1, 2]], of: (x, w) => F.convTranspose3d(x, w, null, { stride: [2, 1, 2] }) },
  maxPool1d: { shapes: [[1, 2, 6]], of: (x) => F.maxPool1d(x, 3, { stride: 2, padding: 1 }) },
  maxPool2d: { shapes: [[1, 1, 5, 4]], of: (x) => F.maxPool2d(x, [2, 3], { stride: [2, 1], dilation: [2, 1], ceilMode: true }) },
  maxPool3d: { shapes: [[1, 1, 2, 4, 2]], of: (x) => F.maxPool3d(x, 2) },
  avgPool1d: { shapes: [[1, 2, 6]], of: (x) => F.avgPool1d(x, 4, { stride: 3, padding: 2, countIncludePad: false }) },
  avgPool2d: { shapes: [[1, 1, 5, 5]], of: (x) => F.avgPool2d(x, 2, { padding: 1, ceilMode: true }) },
  avgPool3d: { shapes: [[1, 1, 3, 2, 2]], of: (x) => F.avgPool3d(x, 2, { stride: 1, divisorOverride: 3 }) },
  lpPool1d: { shapes: [[1, 1, 6]], of: (x) => F.lpPool1d(x.exp(), 3, 2) },
  lpPool2d: { shapes: [[1, 1, 4, 4]], of: (x) => F.lpPool2d(x, 2, 2, { stride: 1 }) },
  lpPool3d: { shapes: [[1, 1, 2, 2, 2]], of: (x) => F.lpPool3d(x.exp(), 1.5, 2) },
  "adaptiveAvgPool1d, even": { shapes: [[1, 2, 6]], of: (x) => F.adaptiveAvgPool1d(x, 3) },
  adaptiveAvgPool2d: { shapes: [[1, 1, 5, 4]], of: (x) => F.adaptiveAvgPool2d(x, [3, 3]) },
  "adaptiveAvgPool2d to one": { shapes: [[2, 2, 3, 2]], of: (x) => F.adaptiveAvgPool2d(x, 1) },
  adaptiveAvgPool3d: { shapes: [[1, 1, 3, 2, 2]], of: (x) => F.adaptiveAvgPool3d(x, [2, null, 1]) },
  adaptiveMaxPool1d: { shapes: [[1, 2, 5]], of: (x) => F.adaptiveMaxPool1d(x, 3) },
  adaptiveMaxPool2d: { shapes: [[1, 1, 5, 4]], of: (x) => F.adaptiveMaxPool2d(x, [2, 3]) },
  adaptiveMaxPool3d: { shapes: [[1, 1, 4, 2, 2]], of: (x) => F.adaptiveMaxPool3d(x, [2, 1, 2]) },
  "interpolate, nearest": { shapes: [[1, 1, 3, 2]], of: (x) => F.interpolate(x, { scaleFactor: [2, 1.5] }) },
  "interpolate, nearest-exact": { shapes: [[1, 1, 5]], of: (x) => F.interpolate(x, { size: 3, mode: "nearest-exact" }) },
  "interpolate, linear": { shapes: [[1, 2, 4]], of: (x) => F.interpolate(x, { size: 7, mode: "linear" }) },
  "interpolate, bilinear": { shapes: [[1, 1, 3, 4]], of: (x) => F.interpolate(x, { size: [5, 2], mode: "bilinear", alignCorners: true }) },
  "interpolate, trilinear": { shapes: [[1, 1, 2, 2, 2]], of: (x) => F.interpolate(x, { size: [3, 2, 1], mode: "trilinear" }) },
  "interpolate, bicubic": { shapes: [[1, 1, 3, 4]], of: (x) => F.interpolate(x, { scaleFactor: 1.7, mode: "bicubic" }) },
  "interpolate, area": { shapes: [[1, 1, 4, 5]], of: (x) => F.interpolate(x, { size: [2, 3], mode: "area" }) },
  unfold: { shapes: [[1, 2, 4, 3]], of: (x) => F.unfold(x, 2, { stride: [2, 1], padding: [1, 0] }) },
  fold: { shapes: [[1, 4, 6]], of: (x) => F.fold(x, [3, 4], 2, {}) },
  affineGrid: { shapes: [[2, 2, 3]], of: (theta) => F.affineGrid(theta, [2, 1, 2, 3]) },
  gridSample: { shapes: [[1, 2, 3, 4], [1, 2, 3, 2]], of: (x, grid) => F.gridSample(x, grid.mul(0.9)) },
  "gridSample, reflected": { shapes: [[1, 1, 3, 3], [1, 2, 2, 2]], of: (x, grid) => F.gridSample(x, grid.mul(2.3), { paddingMode: "reflection", alignCorners: true }) },
};

for (const [name, { shapes, of }] of Object.entries(cases))
  test(name, () => checkDerivatives({
    args: shapes.map((shape, i) => randomLike({ shape }, random(3 + i))),
    build: (...xs) => [sin(of(...xs.map((x) => new Tensor(x))).value)],
    tolerance: 1e-5,
  }));
