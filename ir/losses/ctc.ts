import { scan } from "../control/scan.ts";
import { check } from "../graph/error.ts";
import { requireTensors } from "../tensor/arguments.ts";
import { full, tensor } from "../tensor/creation.ts";
import { iota } from "../tensor/dims.ts";
import { cat, stack } from "../tensor/join.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { dims, isFloat, isInteger, typeText, type DType, type Shape } from "../types/index.ts";
import { reduced, type Reduction, type ReductionOptions } from "./reduction.ts";

export interface CtcOptions<R extends Reduction = Reduction> extends ReductionOptions<R> {
  /** The class that stands for no label; 0 unless given. */
  readonly blank?: number;
  /** Counts losses that are infinite (a target that cannot fit into its input) as 0, without derivative. */
  readonly zeroInfinity?: boolean;
}

/** Lengths of the sequences of a batch. */
type Lengths = Tensor | readonly number[];

/**
 * Connectionist temporal classification (Graves et al. 2006): minus the log probability of the labels, over all ways to
 * align them with the steps, by the forward recursion in log space over any number of steps.
 *
 * - `logProbabilities`: `[T, N, C]`, or `[T, C]` without a batch: logs of probabilities, as `logSoftmax` gives.
 * - `targets`: `[N, S]` (or `[S]`), labels that are not blank, padded with anything behind each length; or all labels of a batch
 *   one sequence after another, `[sum of the lengths]`, which costs least where the lengths are numbers.
 * - `inputLengths`, `targetLengths`: `[N]` (or `[]`), integers up to T and S.
 * - A `"mean"` divides each loss by its target's length (1 for an empty one), then takes the mean over the batch.
 *
 * The derivative counts on probabilities that add up to 1, as PyTorch's: it is the probability less the share of the
 * alignments. PyTorch: `F.ctc_loss`.
 */
export function ctc<D extends DType, R extends Reduction = "mean">(
  logProbabilities: Tensor<Shape, D>, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths, options?: CtcOptions<R>,
): Tensor<R extends "none" ? Shape : [], D>;
export function ctc(logProbabilities: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths, options: CtcOptions = {}): Tensor {
  requireTensors("ctc", { logProbabilities, targets });
  const { blank = 0, zeroInfinity = false } = options, given = logProbabilities;
  const text = (): string => `ctc of ${typeText(given.value.type)} with targets ${typeText(targets.value.type)}`;
  check(isFloat(given.dtype) && isInteger(targets.dtype), text, "give float log probabilities and integer targets");
  const isBatch = given.rank === 3;
  check((isBatch && (targets.rank === 2 || targets.rank === 1)) || (given.rank === 2 && targets.rank === 1), text, "log probabilities are [T, N, C] with targets [N, S] (or all in one vector), or [T, C] with [S]");
  const logs = isBatch ? given : given.unsqueeze(1), [, n, classes] = logs.shape, steps = logs.shape[0];
  check(Number.isInteger(blank) && blank >= 0 && dims.atLeast(classes, blank + 1) !== false, () => `${text()}: the blank is ${blank}`, "it must be a class");
  const lengthsOf = (lengths: Lengths, what: string): Tensor => {
    const x = "dtype" in lengths ? lengths : tensor(lengths, "i32");
    check(isInteger(x.dtype) && x.numel() === n && x.rank <= 1, () => `${text()}: the ${what} lengths are ${typeText(x.value.type)}`, "give one for each sequence");
    return x.int().reshape([n]);
  };
  const inputs = lengthsOf(inputLengths, "input"), ofTargets = lengthsOf(targetLengths, "target");
  const labels = (!isBatch ? targets.unsqueeze(0) : targets.rank === 2 ? targets : inRows(targets, ofTargets, targetLengths)).int();
  check(labels.shape[0] === n, () => `${text()}: ${n} sequences against ${labels.shape[0]} targets`);

  // labels with a blank before, between and behind them: `[N, 2S + 1]`
  const blanks = full([n, labels.shape[1]], blank, "i32");
  const extended = cat([stack([blanks, labels], -1).flatten(1, 2), full([n, 1], blank, "i32")], 1);
  const at = iota(extended.shape, 1), before = shifted(extended, 2, -1);
  const maySkip = at.remainder(2).eq(1).logicalAnd(extended.ne(before)).logicalAnd(at.ge(2));
  // before the first step a path stands at the first blank, from where it may go on to the first label
  const start = at.eq(0).where(full([], 0, given.dtype), -Infinity);
  const [last] = scan((alpha: Tensor, row: Tensor, step: Tensor) => {
    const one = shifted(alpha, 1, -Infinity), two = maySkip.where(shifted(alpha, 2, -Infinity), -Infinity);
    const next = logSum(stack([alpha, one, two]), 0).add(row.takeAlongDim(extended, 1));
    return [inputs.gt(step).unsqueeze(1).where(next, alpha), null];
  }, start, logs);

  // a path ends at the last label or at the blank behind it
  const end = ofTargets.mul(2).unsqueeze(1), isEnd = at.eq(end).logicalOr(at.eq(end.sub(1)));
  const likelihood = logSum(isEnd.where(last, -Infinity), 1);
  const total = iota([steps, n], 0).lt(inputs).unsqueeze(2).where(logs.exp(), 0).sum([0, 2]);
  const loss = likelihood.neg().add(total.sub(total.stopGradient()));
  const losses = zeroInfinity ? loss.eq(Infinity).where(0, loss) : loss;
  const shaped = isBatch ? losses : losses.squeeze(0);
  const isMean = (options.reduction ?? "mean") === "mean";
  return reduced(isMean ? shaped.div(ofTargets.clampMin(1).convert(given.dtype).reshape(shaped.shape)) : shaped, options);
}

/** Elements of the last axis moved up by some places, with `fill` at the front. */
const shifted = (x: Tensor, by: number, fill: number): Tensor => x.pad([by, -by], { value: fill });

/** `log(Σ e^x)` along an axis; -∞ of nothing but these, without derivative. */
function logSum(x: Tensor, axis: number): Tensor {
  const most = x.stopGradient().amax(axis, true), max = most.eq(-Infinity).where(0, most);
  const sum = x.sub(max).exp().sum(axis), isNone = sum.eq(0);
  return isNone.where(-Infinity, isNone.where(1, sum).log().add(max.squeeze(axis)));
}

/** Labels that stand one sequence after another as rows `[N, S]`, with anything behind each length. */
function inRows(labels: Tensor, lengths: Tensor, given: Lengths): Tensor {
  const longest = "dtype" in given ? labels.shape[0] : Math.max(0, ...given), [n] = lengths.shape;
  if (labels.shape[0] === 0 || longest === 0) return full([n, 0], 0, "i32");
  const at = lengths.cumsum(0).sub(lengths).unsqueeze(1).add(iota([n, longest], 1));
  return labels.pad([0, longest]).take(at);
}
