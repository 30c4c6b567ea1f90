import { nn, type Tensor } from "chainrule";
import { at, each, ints, layer, within, type Table } from "./check.ts";

/** Everything in `nn` but `nn.functional`. */

const image = [1, 2, 4, 4], volume = [1, 1, 3, 4, 3], line = [2, 2, 5];
const ofRank = [line, image, volume];
/** A layer for one, two and three axes: `name1d`, `name2d`, `name3d`. */
const perRank = (name: string, make: (axes: number) => ReturnType<typeof layer> | readonly ReturnType<typeof layer>[]): Table =>
  Object.fromEntries([1, 2, 3].map((axes) => [`${name}${axes}d`, make(axes)]));
type Make<A extends readonly unknown[]> = (...args: A) => Parameters<typeof layer>[0];
/** The layer of that name, whose type depends on it. */
const named = <A extends readonly unknown[]>(name: string): Make<A> => (nn as unknown as Record<string, Make<A>>)[name];

const activations: Table = {
  ...each("identity relu relu6 leakyRelu elu selu celu gelu silu mish tanh sigmoid logSigmoid softplus softsign hardtanh hardsigmoid hardswish softmax logSoftmax hardshrink softshrink tanhshrink softmin rrelu",
    (name) => layer(named<[]>(name)(), [within(-2, 2, [2, 5])])),
  gelu: [layer(nn.gelu(), [[2, 3]]), layer(nn.gelu("tanh"), [[2, 3]])],
  rrelu: [layer(nn.rrelu(), [[2, 3]]), layer(nn.rrelu(), [[2, 3]], undefined, { train: false })],
  threshold: layer(nn.threshold(0.1, 20), [[2, 3]]),
  glu: [layer(nn.glu(), [[2, 4]]), layer(nn.glu(0), [[2, 3]])],
  prelu: [layer(nn.prelu(), [[2, 3]]), layer(nn.prelu({ numParameters: 3 }), [[2, 3, 2]])],
};

const pads = [[1, 2], [1, 0, 2, 1], [1, 0, 0, 1, 2, 1]], sides = [1, 2, 3];
const spatial: Table = {
  ...perRank("conv", (n) => [
    layer(named<[number, number, number, object]>(`conv${n}d`)(ofRank[n - 1][1], 2, 2, { stride: 2, padding: 1 }), [ofRank[n - 1]]),
    layer(named<[number, number, number, object]>(`conv${n}d`)(ofRank[n - 1][1], 2, 2, { dilation: 2, bias: false, paddingMode: "circular", padding: 1 }), [ofRank[n - 1]]),
  ]),
  ...perRank("convTranspose", (n) => layer(named<[number, number, number, object]>(`convTranspose${n}d`)(ofRank[n - 1][1], 2, 2, { stride: 2, outputPadding: 1, dilation: 2 }), [ofRank[n - 1].slice(0, 2).concat(sides.slice(0, n).map(() => 2))])),
  ...perRank("maxPool", (n) => layer(named<[number, object]>(`maxPool${n}d`)(2, { stride: 1, padding: 1 }), [ofRank[n - 1]])),
  ...perRank("avgPool", (n) => [layer(named<[number, object]>(`avgPool${n}d`)(2, { stride: 1, padding: 1 }), [ofRank[n - 1]]), layer(named<[number, object]>(`avgPool${n}d`)(2, { ceilMode: true, padding: 1, countIncludePad: false }), [ofRank[n - 1]])]),
  ...perRank("lpPool", (n) => layer(named<[number, number]>(`lpPool${n}d`)(3, 2), [within(0.2, 2, ofRank[n - 1])])),
  ...perRank("adaptiveAvgPool", (n) => layer(named<[number]>(`adaptiveAvgPool${n}d`)(2), [ofRank[n - 1]])),
  ...perRank("adaptiveMaxPool", (n) => layer(named<[number]>(`adaptiveMaxPool${n}d`)(2), [ofRank[n - 1]])),
  ...perRank("constantPad", (n) => layer(named<[readonly number[], number]>(`constantPad${n}d`)(pads[n - 1], 3), [ofRank[n - 1]])),
  ...Object.fromEntries(["zeroPad", "reflectionPad", "replicationPad", "circularPad"].flatMap((name) => Object.entries(perRank(name, (n) => layer(named<[readonly number[]]>(`${name}${n}d`)(pads[n - 1]), [ofRank[n - 1]]))))),
  upsample: [
    layer(nn.upsample({ scaleFactor: 2 }), [line]), layer(nn.upsample({ scaleFactor: 2, mode: "linear", alignCorners: true }), [line]),
    layer(nn.upsample({ size: [5, 3], mode: "bilinear" }), [image]), layer(nn.upsample({ size: [5, 3], mode: "bicubic" }), [image]), layer(nn.upsample({ scaleFactor: 2, mode: "trilinear" }), [[1, 1, 2, 2, 2]]),
  ],
  pixelShuffle: layer(nn.pixelShuffle(2), [[1, 4, 2, 3]]),
  pixelUnshuffle: layer(nn.pixelUnshuffle(2), [[1, 1, 4, 2]]),
  unfold: layer(nn.unfold(2, { padding: 1, stride: 2 }), [image]),
  fold: layer(nn.fold([4, 3], 2), [[1, 8, 6]]),
};

const norms: Table = {
  layerNorm: [layer(nn.layerNorm(4), [[3, 4]]), layer(nn.layerNorm([2, 3]), [[2, 2, 3]])],
  rmsNorm: [layer(nn.rmsNorm(4), [[3, 4]]), layer(nn.rmsNorm([2, 3], { eps: 1e-3 }), [[2, 2, 3]])],
  groupNorm: layer(nn.groupNorm(2, 4), [[2, 4, 3]]),
  ...perRank("batchNorm", (n) => [true, false].map((train) => layer(named<[number]>(`batchNorm${n}d`)(ofRank[n - 1][1]), [[3, ...ofRank[n - 1].slice(1)]], undefined, { train }))),
  ...perRank("instanceNorm", (n) => [true, false].map((train) => layer(named<[number, object]>(`instanceNorm${n}d`)(ofRank[n - 1][1], { affine: true, trackRunningStats: !train }), [ofRank[n - 1]], undefined, { train }))),
};

const small = { dimFeedforward: 3, dropout: 0, activation: "gelu" } as const;
const sequences: Table = {
  rnn: [
    layer(nn.rnn(2, 2, { numLayers: 2, bidirectional: true }), [[3, 1, 2], [4, 1, 2]], (f, x, h) => f(x, h)),
    layer(nn.rnn(2, 3, { nonlinearity: "relu", bias: false }), [[3, 2, 2]], (f, x) => f(x)),
  ],
  gru: layer(nn.gru(2, 2, { batchFirst: true, bidirectional: true }), [[2, 3, 2], [2, 2, 2]], (f, x, h) => f(x, h)),
  lstm: [
    layer(nn.lstm(2, 2), [[3, 1, 2], [1, 1, 2], [1, 1, 2]], (f, x, h, c) => { const [y, [a, b]] = f(x, [h, c]); return [y, a, b]; }),
    layer(nn.lstm(2, 3, { projSize: 2, numLayers: 2, dropout: 0.5 }), [[3, 1, 2]], (f, x) => { const [y, [a, b]] = f(x); return [y, a, b]; }),
  ],
  rnnCell: layer(nn.rnnCell(2, 3), [[2, 2], [2, 3]], (f, x, h) => f(x, h)),
  gruCell: layer(nn.gruCell(2, 3), [[2, 2], [2, 3]], (f, x, h) => f(x, h)),
  lstmCell: layer(nn.lstmCell(2, 3), [[2, 2], [2, 3], [2, 3]], (f, x, h, c) => f(x, [h, c])),
  multiheadAttention: [
    layer(nn.multiheadAttention(4, 2, { addBiasKv: true, addZeroAttn: true }), [[2, 1, 4], [3, 1, 4], [3, 1, 4]], (f, q, k, v) => f(q, k, v)[0]),
    layer(nn.multiheadAttention(4, 2, { kdim: 3, vdim: 2, dropout: 0.3, batchFirst: true }), [[1, 2, 4], [1, 3, 3], [1, 3, 2]], (f, q, k, v) => f(q, k, v)[0]),
  ],
  transformerEncoderLayer: [
    layer(nn.transformerEncoderLayer(4, 2, small), [[3, 1, 4]], (f, x) => f(x, { isCausal: true })),
    layer(nn.transformerEncoderLayer(4, 2, { ...small, dropout: 0.2, normFirst: true }), [[3, 1, 4]], (f, x) => f(x)),
  ],
  transformerDecoderLayer: layer(nn.transformerDecoderLayer(4, 2, small), [[3, 1, 4], [2, 1, 4]], (f, x, memory) => f(x, memory)),
  transformerEncoder: layer(nn.transformerEncoder(nn.transformerEncoderLayer(4, 2, small), 2, nn.layerNorm(4)), [[3, 1, 4]], (f, x) => f(x)),
  transformerDecoder: layer(nn.transformerDecoder(nn.transformerDecoderLayer(4, 2, small), 2), [[3, 1, 4], [2, 1, 4]], (f, x, memory) => f(x, memory)),
  transformer: layer(nn.transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, ...small }), [[3, 1, 4], [2, 1, 4]], (f, source, target) => f(source, target)),
  positionalEncoding: layer(nn.positionalEncoding({ dropout: 0 }), [[3, 1, 4]]),
};

const index = (): Tensor => ints([[0, 2], [1, 2]]);
export const layers: Table = {
  ...activations, ...spatial, ...norms, ...sequences,
  linear: [layer(nn.linear(3, 2), [[2, 3]]), layer(nn.linear(3, 2, { bias: false }), [[3]])],
  bilinear: layer(nn.bilinear(2, 3, 2), [[3, 2], [3, 3]], (f, x, y) => f(x, y)),
  embedding: layer(nn.embedding(3, 2), [], (f) => f(index()) as Tensor),
  embeddingBag: [layer(nn.embeddingBag(3, 2), [], (f) => f(index()) as Tensor), layer(nn.embeddingBag(3, 2, { mode: "max" }), [], (f) => f(index()) as Tensor)],
  adaptiveLogSoftmaxWithLoss: layer(nn.adaptiveLogSoftmaxWithLoss(4, 6, [2, 4], { divValue: 2, headBias: true }), [[3, 4]], (f, x) => { const { output, loss } = f(x, ints([0, 3, 4])); return [output, loss, f.logProb(x)]; }),
  ...each("dropout alphaDropout", (name) => layer(named<[number]>(name)(0.4), [[4, 5]])),
  ...each("dropout1d dropout2d dropout3d featureAlphaDropout", (name) => layer(named<[number]>(name)(0.4), [name === "dropout1d" ? [3, 4, 2] : name === "dropout3d" ? [3, 4, 1, 2, 1] : [3, 4, 2, 1]])),
  flatten: layer(nn.flatten(), [[2, 3, 2]]),
  unflatten: layer(nn.unflatten(1, [2, 3]), [[2, 6]]),
  sequential: layer(nn.sequential(nn.linear(3, 4), nn.tanh(), nn.linear(4, 2)), [[2, 3]], (f, x) => f(x)),
  list: layer(nn.list([nn.linear(3, 3), nn.linear(3, 3)]), [[2, 3]], (f, x) => f.reduce((y: Tensor, step) => (step as (x: Tensor) => Tensor)(y).tanh(), x)),
  dict: layer(nn.dict({ left: nn.linear(3, 2), right: nn.linear(3, 2) }), [[2, 3]], (f, x) => (f.left(x) as Tensor).mul(f.right(x) as Tensor)),
  module: layer(nn.module({ fc: nn.linear(3, 3), gain: nn.parameter([3], { init: 1 }) }, ({ fc, gain }) => (x: Tensor): Tensor => (fc(x) as Tensor).tanh().mul(gain)), [[2, 3]], (f, x) => f(x)),
  parameter: layer(nn.module({ w: nn.parameter([3]) }, ({ w }) => (x: Tensor): Tensor => x.mul(w)), [[2, 3]], (f, x) => f(x)),
  buffer: layer(nn.module({ w: nn.buffer([3], { init: 2 }) }, ({ w }) => (x: Tensor): Tensor => x.mul(w)), [[2, 3]], (f, x) => f(x)),
  parametersToVector: at([[2, 2], [3]], (a, b) => nn.parametersToVector([a, b])),
  vectorToParameters: at([[7], [2, 2], [3]], (v, a, b) => { const [p, q] = nn.vectorToParameters(v, [a, b]); return [p.mul(a), q.mul(b)]; }),
};
