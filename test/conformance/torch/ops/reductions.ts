import { linalg, Tensor } from "chainrule";
import { Unsupported } from "../../outcome.ts";
import type { Arguments } from "../arguments.ts";
import { pair, row, type Row, type Table } from "../row.ts";

type Axes = number | number[] | undefined;

/** A reduction over axes, all of them by default. */
const over = (f: (x: Tensor, axes: Axes, keepdim: boolean) => Tensor): Row =>
  row("input dim keepdim", (a) => f(a.tensor("input"), a.axes("dim"), a.bool("keepdim", false)));

/** A reduction that converts its operand first where `dtype` is given. */
const sumLike = (f: (x: Tensor, axes: Axes, keepdim: boolean) => Tensor): Row =>
  row("input dim keepdim dtype", (a) => f(converted(a), a.axes("dim"), a.bool("keepdim", false)));

/** `max(x)` is a value, `max(x, dim)` values and indices, `max(x, y)` elementwise. */
const extreme = (all: (x: Tensor) => Tensor, along: (x: Tensor, axis: number, keepdim: boolean) => readonly Tensor[], pairwise: (x: Tensor, y: Tensor) => Tensor): Row =>
  row("input dim keepdim other", (a) => {
    const x = a.tensor("input");
    const second = a.has("other") ? a.tensor("other") : a.value("dim");
    if (second instanceof Tensor) return pairwise(x, second);
    return second === undefined ? all(x) : along(x, a.number("dim"), a.bool("keepdim", false));
  });

/** A variance or deviation. PyTorch has `f(x, unbiased)` beside `f(x, dim, unbiased, keepdim)`: a bool in second place is `unbiased`. */
const spread = (f: (x: Tensor, axes: Axes, options: { correction: number; keepdim: boolean }) => Tensor | readonly Tensor[]): Row =>
  row("input dim unbiased keepdim", (a) => {
    const short = typeof a.value("dim") === "boolean";
    const unbiased = a.bool(short ? "dim" : "unbiased", true);
    return f(a.tensor("input"), short ? undefined : a.axes("dim"), { correction: a.number("correction", unbiased ? 1 : 0), keepdim: a.bool("keepdim", false) });
  });

const softmaxLike = (f: (x: Tensor, axis: number) => Tensor): Row => row("input dim _stacklevel dtype", (a) => f(converted(a), a.number("dim")));

function converted(a: Arguments): Tensor {
  const x = a.tensor("input"), dtype = a.dtypeOr("dtype");
  return dtype ? x.convert(dtype) : x;
}

/** The order of a norm: a number, or "fro". */
function order(a: Arguments, name: string, otherwise: number | "fro"): number | "fro" {
  const x = a.value(name) ?? otherwise;
  if (typeof x === "number" || x === "fro") return x;
  throw new Unsupported(`a norm of order ${JSON.stringify(x)}`);
}

export const reductions: Table = {
  sum: sumLike((x, axes, keepdim) => x.sum(axes, keepdim)),
  mean: sumLike((x, axes, keepdim) => x.mean(axes, keepdim)),
  prod: sumLike((x, axes, keepdim) => x.prod(axes, keepdim)),
  amax: over((x, axes, keepdim) => x.amax(axes, keepdim)),
  amin: over((x, axes, keepdim) => x.amin(axes, keepdim)),
  any: over((x, axes, keepdim) => x.any(axes, keepdim)),
  all: over((x, axes, keepdim) => x.all(axes, keepdim)),
  max: extreme((x) => x.max(), (x, axis, keepdim) => pair(x.max(axis, keepdim)), (x, y) => x.maximum(y)),
  min: extreme((x) => x.min(), (x, axis, keepdim) => pair(x.min(axis, keepdim)), (x, y) => x.minimum(y)),
  argmax: row("input dim keepdim", (a) => a.tensor("input").argmax(a.number("dim", undefined), a.bool("keepdim", false))),
  argmin: row("input dim keepdim", (a) => a.tensor("input").argmin(a.number("dim", undefined), a.bool("keepdim", false))),
  var: spread((x, axes, options) => x.var(axes, options)),
  std: spread((x, axes, options) => x.std(axes, options)),
  var_mean: spread((x, axes, options) => x.varMean(axes, options)),
  std_mean: spread((x, axes, options) => x.stdMean(axes, options)),
  logsumexp: over((x, axes, keepdim) => x.logsumexp(axes, keepdim)),
  nansum: sumLike((x, axes, keepdim) => x.nansum(axes, keepdim)),
  aminmax: row("input dim keepdim", (a) => {
    const { min, max } = a.tensor("input").aminmax(a.number("dim", undefined), a.bool("keepdim", false));
    return [min, max];
  }),
  count_nonzero: row("input dim", (a) => a.tensor("input").countNonzero(a.axes("dim"))),
  norm: row("input p dim keepdim dtype", (a) => converted(a).norm(order(a, "p", 2), a.axes("dim"), a.bool("keepdim", false))),
  "torch.linalg.vector_norm": row("input ord dim keepdim dtype", (a) => converted(a).vectorNorm(a.number("ord", 2), a.axes("dim"), a.bool("keepdim", false))),
  "torch.linalg.matrix_norm": row("input ord dim keepdim dtype", (a) =>
    linalg.matrixNorm(converted(a), a.value("ord") === "nuc" ? "nuc" : order(a, "ord", "fro"), { dim: (a.axes("dim") ?? [-2, -1]) as [number, number], keepdim: a.bool("keepdim", false) })),
  renorm: row("input p dim maxnorm", (a) => a.tensor("input").renorm(a.number("p"), a.number("dim"), a.number("maxnorm"))),
  normalize: row("input p dim eps", (a) => a.tensor("input").normalize(a.number("p", 2), a.number("dim", 1), a.number("eps", 1e-12))),
  cummax: row("input dim", (a) => pair(a.tensor("input").cummax(a.number("dim")))),
  cummin: row("input dim", (a) => pair(a.tensor("input").cummin(a.number("dim")))),
  logcumsumexp: row("input dim", (a) => a.tensor("input").logcumsumexp(a.number("dim"))),
  softmin: softmaxLike((x, axis) => x.softmin(axis)),
  cumsum: row("input dim dtype", (a) => converted(a).cumsum(a.number("dim"))),
  cumprod: row("input dim dtype", (a) => converted(a).cumprod(a.number("dim"))),
  softmax: softmaxLike((x, axis) => x.softmax(axis)),
  log_softmax: softmaxLike((x, axis) => x.logSoftmax(axis)),
};
