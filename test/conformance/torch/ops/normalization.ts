import { nn, type Tensor } from "chainrule";
import type { Arguments } from "../arguments.ts";
import { row, type Table } from "../row.ts";

/** What `nn.functional.batchNorm` and `instanceNorm` return. */
interface Normalized { readonly output: Tensor; readonly runningMean: Tensor | null; readonly runningVar: Tensor | null }

/** The output; and in training, where there are running statistics, these as they are afterwards. */
function withStatistics({ output, runningMean, runningVar }: Normalized, training: boolean): Tensor[] {
  return training && runningMean && runningVar ? [output, runningMean, runningVar] : [output];
}

function running(a: Arguments, training: boolean) {
  return {
    runningMean: a.tensorOr("running_mean"), runningVar: a.tensorOr("running_var"), weight: a.tensorOr("weight"), bias: a.tensorOr("bias"),
    training, momentum: a.number("momentum", 0.1), eps: a.number("eps", 1e-5),
  };
}

const affine = (a: Arguments) => ({ weight: a.tensorOr("weight"), bias: a.tensorOr("bias"), eps: a.number("eps", 1e-5) });

export const normalization: Table = {
  batch_norm: row("input running_mean running_var weight bias training momentum eps", (a) => {
    const training = a.bool("training", false);
    return withStatistics(nn.functional.batchNorm(a.tensor("input"), running(a, training)), training);
  }),
  instance_norm: row("input running_mean running_var weight bias use_input_stats momentum eps", (a) => {
    const training = a.bool("use_input_stats", true);
    return withStatistics(nn.functional.instanceNorm(a.tensor("input"), running(a, training)), training);
  }),
  layer_norm: row("input normalized_shape weight bias eps", (a) => nn.functional.layerNorm(a.tensor("input"), a.numbers("normalized_shape"), affine(a))),
  group_norm: row("input num_groups weight bias eps", (a) => nn.functional.groupNorm(a.tensor("input"), a.number("num_groups"), affine(a))),
  rms_norm: row("input normalized_shape weight eps", (a) =>
    nn.functional.rmsNorm(a.tensor("input"), a.numbers("normalized_shape"), { weight: a.tensorOr("weight"), eps: a.number("eps", undefined) })),
};
