import { losses as l, tensor, type Tensor } from "chainrule";
import { at, each, ints, within, type Entry, type Table } from "./check.ts";

/** `losses`. */

const signs = (): Tensor => tensor([1, -1, 1], "f64") as Tensor;
const probabilities = (shape: readonly number[], seed = 4) => within(0.1, 0.9, shape, seed);
const reductions = ["none", "mean", "sum"] as const;
type Elementwise = (x: Tensor, y: Tensor, options: { readonly reduction: (typeof reductions)[number] }) => Tensor;

export const losses: Table = {
  ...each("mse l1 smoothL1 huber", (name): Entry => reductions.map((reduction) => at([within(-3, 3, [2, 3]), [2, 3]], (x, y) => (l as unknown as Record<string, Elementwise>)[name](x, y, { reduction })))),
  softMargin: at([[3]], (x) => l.softMargin(x, signs())),
  hingeEmbedding: at([[3]], (x) => l.hingeEmbedding(x, signs())),
  poissonNll: [at([[3], within(0.5, 4, [3])], (x, y) => l.poissonNll(x, y)), at([probabilities([3]), within(1.5, 4, [3])], (x, y) => l.poissonNll(x, y, { logInput: false, full: true }))],
  gaussianNll: at([[3], [3], within(0.3, 2, [3])], (x, y, variance) => l.gaussianNll(x, y, variance, { full: true })),
  crossEntropy: [
    at([[3, 4]], (x) => l.crossEntropy(x, ints([0, 3, 1]), { labelSmoothing: 0.1 })),
    at([[3, 4], probabilities([4])], (x, weight) => l.crossEntropy(x, ints([0, 3, -100]), { weight })),
    at([[2, 3], probabilities([2, 3])], (x, y) => l.crossEntropy(x, y)),
    at([[1, 3, 2]], (x) => l.crossEntropy(x, ints([[0, 2]]), { reduction: "none" })),
  ],
  linearCrossEntropy: at([[3, 2], [4, 2], [4]], (x, w, bias) => l.linearCrossEntropy(x, w, ints([0, 3, 1]), { bias })),
  nll: at([[3, 4], probabilities([4])], (x, weight) => l.nll(x, ints([0, 3, 1]), { weight })),
  bce: at([probabilities([2, 3]), probabilities([2, 3], 5), probabilities([2, 3], 6)], (x, y, weight) => l.bce(x, y, { weight })),
  bceWithLogits: at([[2, 3], probabilities([2, 3]), probabilities([3])], (x, y, posWeight) => l.bceWithLogits(x, y, { posWeight })),
  klDiv: [at([[2, 3], probabilities([2, 3])], (x, y) => l.klDiv(x, y, { reduction: "batchmean" })), at([[2, 3], [2, 3]], (x, y) => l.klDiv(x, y, { logTarget: true }))],
  cosineEmbedding: at([[3, 4], [3, 4]], (a, b) => l.cosineEmbedding(a, b, signs(), { margin: -0.8 })),
  marginRanking: at([[3], [3]], (a, b) => l.marginRanking(a, b, signs(), { margin: 2 })),
  multiMargin: at([[2, 3], probabilities([3])], (x, weight) => l.multiMargin(x, ints([0, 2]), { p: 2, weight })),
  multilabelMargin: at([[2, 4]], (x) => l.multilabelMargin(x, ints([[3, 0, -1, 1], [1, -1, 0, 2]]))),
  multilabelSoftMargin: at([[2, 3], probabilities([3])], (x, weight) => l.multilabelSoftMargin(x, tensor([[1, 0, 1], [0, 0, 1]], "f64") as Tensor, { weight })),
  tripletMargin: [at([[3, 4], [3, 4], [3, 4]], (a, p, n) => l.tripletMargin(a, p, n, { margin: 2 })), at([[3, 4], [3, 4], [3, 4]], (a, p, n) => l.tripletMargin(a, p, n, { margin: 2, swap: true, p: 3 }))],
  tripletMarginWithDistance: at([[3, 4], [3, 4], [3, 4]], (a, p, n) => l.tripletMarginWithDistance(a, p, n, { margin: 9, distanceFunction: (x, y) => x.sub(y).square().sum(-1) })),
  ctc: [
    at([[4, 2, 3]], (x) => l.ctc(x.logSoftmax(2), ints([[1, 2], [2, 0]]), [4, 3], [2, 1], { reduction: "none" })),
    at([[5, 1, 3]], (x) => l.ctc(x.logSoftmax(2), ints([[1, 1]]), [5], [2])),
  ],
};
