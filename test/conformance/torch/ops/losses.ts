import { losses, type Tensor } from "chainrule";
import { Unsupported } from "../../outcome.ts";
import type { Arguments } from "../arguments.ts";
import { row, type Row, type Table } from "../row.ts";

type Reduction = "mean" | "sum" | "none";

function reduction(a: Arguments): Reduction {
  const name = a.text("reduction", "mean");
  if (name !== "mean" && name !== "sum" && name !== "none") throw new Unsupported(`${a.op} with reduction = ${name}`);
  return name;
}

/** A loss by PyTorch's whole signature, its deprecated `size_average` and `reduce` among it, which only null may be given for. */
const loss = (signature: string, f: (a: Arguments, reduction: Reduction) => Tensor): Row => row(signature, (a) => f(a, reduction(a)));
/** A loss of a prediction and a target of its shape, and of what else `options` reads. */
const elementwise = (f: (input: Tensor, target: Tensor, options: { reduction: Reduction }, a: Arguments) => Tensor, signature = "input target size_average reduce reduction"): Row =>
  loss(signature, (a, r) => f(a.tensor("input"), a.tensor("target"), { reduction: r }, a));

const classes = (a: Arguments) => ({ weight: a.tensorOr("weight"), ignoreIndex: a.number("ignore_index", -100) });

export const lossTable: Table = {
  mse_loss: elementwise((x, y, o) => losses.mse(x, y, o)),
  l1_loss: elementwise((x, y, o) => losses.l1(x, y, o)),
  smooth_l1_loss: elementwise((x, y, o, a) => losses.smoothL1(x, y, { ...o, beta: a.number("beta", 1) }), "input target size_average reduce reduction beta"),
  huber_loss: elementwise((x, y, o, a) => losses.huber(x, y, { ...o, delta: a.number("delta", 1) }), "input target reduction delta"),
  cross_entropy: loss("input target weight size_average ignore_index reduce reduction label_smoothing", (a, r) => losses.crossEntropy(a.tensor("input"), a.tensor("target"), { reduction: r, ...classes(a), labelSmoothing: a.number("label_smoothing", 0) })),
  nll_loss: loss("input target weight size_average ignore_index reduce reduction", (a, r) => losses.nll(a.tensor("input"), a.tensor("target"), { reduction: r, ...classes(a) })),
  binary_cross_entropy: loss("input target weight size_average reduce reduction", (a, r) => losses.bce(a.tensor("input"), a.tensor("target"), { reduction: r, weight: a.tensorOr("weight") })),
  binary_cross_entropy_with_logits: loss("input target weight size_average reduce reduction pos_weight", (a, r) =>
    losses.bceWithLogits(a.tensor("input"), a.tensor("target"), { reduction: r, weight: a.tensorOr("weight"), posWeight: a.tensorOr("pos_weight") })),
  kl_div: row("input target size_average reduce reduction log_target", (a) => {
    const name = a.text("reduction", "mean");
    return losses.klDiv(a.tensor("input"), a.tensor("target"), { reduction: name === "batchmean" ? name : reduction(a), logTarget: a.bool("log_target", false) });
  }),
  poisson_nll_loss: elementwise((x, y, o, a) => losses.poissonNll(x, y, { ...o, logInput: a.bool("log_input", true), full: a.bool("full", false), eps: a.number("eps", 1e-8) }), "input target log_input full size_average eps reduce reduction"),
  soft_margin_loss: elementwise((x, y, o) => losses.softMargin(x, y, o)),
  hinge_embedding_loss: elementwise((x, y, o, a) => losses.hingeEmbedding(x, y, { ...o, margin: a.number("margin", 1) }), "input target margin size_average reduce reduction"),
  margin_ranking_loss: loss("input1 input2 target margin size_average reduce reduction", (a, r) => losses.marginRanking(a.tensor("input1"), a.tensor("input2"), a.tensor("target"), { reduction: r, margin: a.number("margin", 0) })),
  cosine_embedding_loss: loss("input1 input2 target margin size_average reduce reduction", (a, r) => losses.cosineEmbedding(a.tensor("input1"), a.tensor("input2"), a.tensor("target"), { reduction: r, margin: a.number("margin", 0) })),
  triplet_margin_loss: loss("anchor positive negative margin p eps swap size_average reduce reduction", (a, r) => losses.tripletMargin(a.tensor("anchor"), a.tensor("positive"), a.tensor("negative"), {
    reduction: r, margin: a.number("margin", 1), p: a.number("p", 2), eps: a.number("eps", 1e-6), swap: a.bool("swap", false),
  })),
  triplet_margin_with_distance_loss: loss("anchor positive negative", (a, r) => losses.tripletMarginWithDistance(a.tensor("anchor"), a.tensor("positive"), a.tensor("negative"), { reduction: r, margin: a.number("margin", 1), swap: a.bool("swap", false) })),
  linear_cross_entropy: loss("input linear_weight target", (a, r) => losses.linearCrossEntropy(a.tensor("input"), a.tensor("linear_weight"), a.tensor("target"), { reduction: r, ...classes(a), labelSmoothing: a.number("label_smoothing", 0), bias: a.tensorOr("linear_bias") })),
  multilabel_soft_margin_loss: loss("input target weight size_average reduce reduction", (a, r) => losses.multilabelSoftMargin(a.tensor("input"), a.tensor("target"), { reduction: r, weight: a.tensorOr("weight") })),
  multilabel_margin_loss: elementwise((x, y, o) => losses.multilabelMargin(x, y, o)),
  multi_margin_loss: loss("input target p margin weight size_average reduce reduction", (a, r) => losses.multiMargin(a.tensor("input"), a.tensor("target"), { reduction: r, p: a.number("p", 1) as 1 | 2, margin: a.number("margin", 1), weight: a.tensorOr("weight") })),
  gaussian_nll_loss: loss("input target var full eps reduction", (a, r) => losses.gaussianNll(a.tensor("input"), a.tensor("target"), a.tensor("var"), { reduction: r, full: a.bool("full", false), eps: a.number("eps", 1e-6) })),
  ctc_loss: loss("log_probs targets input_lengths target_lengths blank reduction zero_infinity", (a, r) => losses.ctc(a.tensor("log_probs"), a.tensor("targets"), lengths(a, "input_lengths"), lengths(a, "target_lengths"), {
    reduction: r, blank: a.number("blank", 0), zeroInfinity: a.bool("zero_infinity", false),
  })),
};

function lengths(a: Arguments, name: string): Tensor | readonly number[] {
  const x = a.value(name);
  return Array.isArray(x) ? a.numbers(name) : a.tensor(name);
}
