import { bartlettWindow, blackmanWindow, combinations, hammingWindow, hannWindow, kaiserWindow, nn, unravelIndex, type Tensor, type WindowOptions } from "chainrule";
import type { Arguments } from "../arguments.ts";
import { row, type Row, type Table } from "../row.ts";

/** Elements put at places, ways to pick them, and signal windows. */
const window = (f: (length: number, options: WindowOptions) => Tensor): Row => row("window_length periodic", (a) =>
  f(a.number("window_length"), { periodic: a.bool("periodic", true), dtype: a.dtypeOr("dtype") as "f32" | "f64" | undefined }));

const foldings = ["prod", "mean", "amax", "amin"] as const;
const bagOptions = (a: Arguments) => ({
  offsets: a.tensorOr("offsets"), mode: a.text("mode", "mean") as "mean", perSampleWeights: a.tensorOr("per_sample_weights"), includeLastOffset: a.bool("include_last_offset", false), paddingIdx: a.number("padding_idx", undefined),
});

export const placing: Table = {
  index_put: row("input indices values accumulate", (a) => a.tensor("input").indexPut(a.tensors("indices"), a.tensor("values"), { accumulate: a.bool("accumulate", false) })),
  index_reduce: row("input dim index source reduce", (a) =>
    a.tensor("input").indexReduce(a.number("dim"), a.tensor("index"), a.tensor("source"), foldings.find((f) => f === a.text("reduce"))!, { includeSelf: a.bool("include_self", true) })),
  masked_scatter: row("input mask source", (a) => a.tensor("input").maskedScatter(a.tensor("mask"), a.tensor("source"))),
  nonzero_static: row("input", (a) => a.tensor("input").nonzeroStatic({ size: a.number("size"), fillValue: a.number("fill_value", -1) })),
  sum_to_size: row("input *size", (a) => a.tensor("input").sumToSize(a.numbers("size"))),
  combinations: row("input r with_replacement", (a) => combinations(a.tensor("input"), a.number("r", 2), { withReplacement: a.bool("with_replacement", false) })),
  unravel_index: row("indices shape", (a) => unravelIndex(a.tensor("indices"), a.numbers("shape"))),
  embedding_bag: row("input weight offsets", (a) => nn.functional.embeddingBag(a.tensor("input"), a.tensor("weight"), bagOptions(a))),
  hann_window: window(hannWindow), blackman_window: window(blackmanWindow), bartlett_window: window(bartlettWindow),
  hamming_window: row("window_length periodic alpha beta", (a) => hammingWindow(a.number("window_length"), { periodic: a.bool("periodic", true), alpha: a.number("alpha", 0.54), beta: a.number("beta", 0.46) })),
  kaiser_window: row("window_length periodic beta", (a) => kaiserWindow(a.number("window_length"), { periodic: a.bool("periodic", true), beta: a.number("beta", 12) })),
};
