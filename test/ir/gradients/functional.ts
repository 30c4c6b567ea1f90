import { nn, type Tensor } from "chainrule";
import { at, each, ints, within, type Options, type Table } from "./check.ts";

/** `nn.functional`. */

const f = nn.functional;
const image = [1, 2, 4, 4], ofRank = [[2, 2, 5], image, [1, 1, 3, 4, 3]];
type Call = (x: Tensor, ...rest: unknown[]) => Tensor;
const named = (name: string): Call => (f as unknown as Record<string, Call>)[name];
const perRank = (name: string, inputs: (axes: number) => readonly (readonly number[] | ReturnType<typeof within>)[], call: (f: Call, axes: number, ...xs: Tensor[]) => Tensor, options: Options = {}): Table =>
  Object.fromEntries([1, 2, 3].map((n) => [`${name}${n}d`, at(inputs(n), (...xs) => call(named(`${name}${n}d`), n, ...xs), options)]));
const twos = (n: number): number[] => Array.from({ length: n }, () => 2);

export const functional: Table = {
  ...perRank("conv", (n) => [ofRank[n - 1], [4, ofRank[n - 1][1], ...twos(n)], [4]], (conv, _, x, w, b) => conv(x, w, b, { stride: 2, padding: 1 })),
  ...perRank("convTranspose", (n) => [[1, 2, ...twos(n)], [2, 3, ...twos(n)], [3]], (conv, _, x, w, b) => conv(x, w, b, { stride: 2, padding: 1 })),
  ...perRank("maxPool", (n) => [ofRank[n - 1]], (pool, _, x) => pool(x, 2, { stride: 1 })),
  ...perRank("avgPool", (n) => [ofRank[n - 1]], (pool, _, x) => pool(x, 2, { padding: 1 })),
  ...perRank("lpPool", (n) => [within(0.2, 2, ofRank[n - 1])], (pool, _, x) => pool(x, 2, 2)),
  ...perRank("adaptiveAvgPool", (n) => [ofRank[n - 1]], (pool, _, x) => pool(x, 2)),
  ...perRank("adaptiveMaxPool", (n) => [ofRank[n - 1]], (pool, _, x) => pool(x, 2)),
  ...each("maxUnpool1d maxUnpool2d maxUnpool3d", (name) => {
    const n = Number(name.at(-2)), positions = Array.from({ length: 2 ** n }, (_, i) => Array.from({ length: n }, (_, k) => 2 * ((i >> (n - 1 - k)) & 1)).reduce((at, p) => 4 * at + p, 0));
    return at([[1, 1, ...twos(n)]], (x) => named(name)(x, ints(positions).reshape([1, 1, ...twos(n)]), 2));
  }),
  interpolate: at([image], (x) => f.interpolate(x, { size: [3, 6], mode: "bilinear", alignCorners: true })),
  affineGrid: at([[1, 2, 3]], (theta) => f.affineGrid(theta, [1, 1, 3, 2])),
  gridSample: (["zeros", "border", "reflection"] as const).map((paddingMode) => at([image, within(-1.3, 1.3, [1, 2, 3, 2])], (x, grid) => f.gridSample(x, grid, { paddingMode }))),
  unfold: at([image], (x) => f.unfold(x, [2, 3], { padding: 1 })),
  fold: at([[1, 8, 6]], (x) => f.fold(x, [4, 3], 2)),
  linear: at([[2, 3], [4, 3], [4]], (x, w, b) => f.linear(x, w, b)),
  bilinear: at([[3, 2], [3, 3], [2, 2, 3], [2]], (x, y, w, b) => f.bilinear(x, y, w, b)),
  embedding: at([[3, 2]], (w) => f.embedding(ints([0, 2, 2]), w)),
  embeddingBag: (["sum", "mean", "max"] as const).map((mode) => at([[4, 2]], (w) => f.embeddingBag(ints([[0, 2], [3, 3]]), w, { mode }))).concat(
    at([[4, 2], [4]], (w, perSampleWeights) => f.embeddingBag(ints([0, 2, 3, 3]), w, { mode: "sum", offsets: ints([0, 3]), perSampleWeights }))),
  batchNorm: [
    at([[3, 2, 2], [2], [2]], (x, weight, bias) => f.batchNorm(x, { weight, bias, training: true }).output),
    at([[3, 2], [2], within(0.5, 2, [2])], (x, runningMean, runningVar) => f.batchNorm(x, { runningMean, runningVar }).output),
  ],
  instanceNorm: at([[2, 2, 4], [2], [2]], (x, weight, bias) => f.instanceNorm(x, { weight, bias }).output),
  groupNorm: at([[2, 4, 3], [4], [4]], (x, weight, bias) => f.groupNorm(x, 2, { weight, bias })),
  layerNorm: at([[2, 5], [5], [5]], (x, weight, bias) => f.layerNorm(x, [5], { weight, bias })),
  rmsNorm: at([[2, 5], [5]], (x, weight) => f.rmsNorm(x, [5], { weight })),
  localResponseNorm: at([[1, 4, 3]], (x) => f.localResponseNorm(x, 3, { alpha: 0.5 })),
  scaledDotProductAttention: [
    at([[1, 3, 2], [1, 4, 2], [1, 4, 3]], (q, k, v) => f.scaledDotProductAttention(q, k, v, { isCausal: true })),
    at([[3, 2], [2, 2], [2, 1], [3, 2]], (q, k, v, attnMask) => f.scaledDotProductAttention(q, k, v, { attnMask, scale: 0.7 })),
    at([[2, 2, 2], [1, 2, 2], [1, 2, 2]], (q, k, v) => f.scaledDotProductAttention(q, k, v, { enableGqa: true })),
    at([[2, 3, 2], [2, 4, 2], [2, 4, 3]], (q, k, v) => f.scaledDotProductAttention(q, k, v, { dropoutP: 0.3 })),
  ],
  rotaryEmbedding: [at([[3, 4]], (x) => f.rotaryEmbedding(x)), at([[2, 3, 4]], (x) => f.rotaryEmbedding(x, { interleaved: true, base: 100 }))],
  sinusoidalPositions: "has no tensors to be differentiated by",
  dropout: at([[4, 5]], (x) => f.dropout(x, { p: 0.4 })),
  alphaDropout: at([[4, 5]], (x) => f.alphaDropout(x, { p: 0.4 })),
  channelDropout: at([[3, 4, 2]], (x) => f.channelDropout(x, { p: 0.4 })),
  featureAlphaDropout: at([[3, 4, 2]], (x) => f.featureAlphaDropout(x, { p: 0.4 })),
  rrelu: at([[2, 5]], (x) => f.rrelu(x)),
  gumbelSoftmax: at([[2, 4]], (x) => f.gumbelSoftmax(x, { tau: 0.7 })), // a hard one is straight-through: its derivative is not its slope
  channelShuffle: at([[1, 4, 3]], (x) => f.channelShuffle(x, 2)),
};
