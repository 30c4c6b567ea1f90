import { check } from "../graph/error.ts";
import type { Float, Layer } from "../model/scope.ts";
import { concat } from "../tensor/join.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { typeText } from "../types/index.ts";
import { sequential } from "./containers.ts";
import { linear } from "./linear.ts";

export interface AdaptiveSoftmaxOptions {
  /** The width of each cluster's projection is the one before it over this; 4 unless given. */
  readonly divValue?: number;
  /** Whether the head has a bias; false unless given. */
  readonly headBias?: boolean;
}

/** What {@link adaptiveLogSoftmaxWithLoss} computes. */
export interface AdaptiveSoftmaxMap {
  /** The log-probability of each target, `[N]`, and the mean of their negatives. */
  (input: Tensor, target: Tensor): { readonly output: Tensor; readonly loss: Tensor };
  /** Log-probabilities of all classes, `[N, classes]`. */
  logProb(input: Tensor): Tensor;
  /** The most likely class of each row, i32 `[N]`. */
  predict(input: Tensor): Tensor;
}

/**
 * Softmax over many classes ordered by frequency, the rare ones in clusters of narrower projections (Grave et al. 2017): inputs
 * `[N, inFeatures]`, targets integers `[N]`. `cutoffs` are where clusters begin, in order. Every class is computed, so the memory is
 * that of a softmax; the parameters are fewer. Parameters: `head.weight`, `tail.0.0.weight`, `tail.0.1.weight`, … PyTorch:
 * `nn.AdaptiveLogSoftmaxWithLoss`.
 */
export function adaptiveLogSoftmaxWithLoss(inFeatures: number, numClasses: number, cutoffs: readonly number[], options: AdaptiveSoftmaxOptions = {}): Layer<AdaptiveSoftmaxMap, Float> {
  const { divValue = 4, headBias = false } = options, ends = [...cutoffs, numClasses];
  check(cutoffs.length > 0 && ends.every((c, i) => Number.isInteger(c) && c > (ends[i - 1] ?? 0)), () => `adaptiveLogSoftmaxWithLoss of ${numClasses} classes with the cutoffs ${cutoffs.join(", ")}`, "cutoffs are whole numbers in order, above 0 and below the number of classes");
  return (scope) => {
    const head = scope.use("head", linear(inFeatures, ends[0] + cutoffs.length, { bias: headBias }));
    const tail = scope.use("tail", (tails) => cutoffs.map((_, i) => {
      const width = Math.floor(inFeatures / divValue ** (i + 1));
      return tails.use(String(i), sequential(linear(inFeatures, width, { bias: false }), linear(width, ends[i + 1] - ends[i], { bias: false }))) as (x: Tensor) => Tensor;
    }));
    const logProb = (input: Tensor): Tensor => {
      check(input.rank === 2, () => `adaptiveLogSoftmaxWithLoss of ${typeText(input.value.type)}`, "it takes [N, features]");
      const first: Tensor = (head(input) as Tensor).logSoftmax(1);
      const clusters = tail.map((project, i) => project(input).logSoftmax(1).add(first.narrow(1, ends[0] + i, 1)));
      return concat([first.narrow(1, 0, ends[0]), ...clusters], 1);
    };
    const call = (input: Tensor, target: Tensor) => {
      check(target.rank === 1, () => `adaptiveLogSoftmaxWithLoss: the target is ${typeText(target.value.type)}`, "it takes class indices [N]");
      const output = logProb(input).gather(1, target.unsqueeze(1)).squeeze(1);
      return { output, loss: output.mean().neg() };
    };
    return Object.assign(call, { logProb, predict: (input: Tensor): Tensor => logProb(input).argmax(1) });
  };
}
