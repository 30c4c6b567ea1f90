import { nn, type Tensor } from "chainrule";
import type { Arguments } from "../arguments.ts";
import { pair, row, type Row, type Table } from "../row.ts";

const samples = (a: Arguments) => ({ dim: a.number("dim", -1), ...(a.has("x") && { x: a.tensor("x") }), ...(a.has("dx") && { dx: a.number("dx") }) });
/** How many parts, or where they end: numbers, as tensors of data are no shapes. */
const parts = (a: Arguments, name: string): number | number[] => a.axes(name)!;

/** Shares, as a number or a tensor. */
const quantile = (f: (x: Tensor, q: number | Tensor, dim: number | undefined, options: { keepdim: boolean; interpolation: "linear" }) => Tensor): Row => row("input q dim keepdim", (a) =>
  f(a.tensor("input"), a.operand("q") as number | Tensor, a.number("dim", undefined), { keepdim: a.bool("keepdim", false), interpolation: a.text("interpolation", "linear") as "linear" }));

/** What the shared suite does not have. */
export const more: Table = {
  diff: row("input n dim prepend append", (a) => a.tensor("input").diff(a.number("n", 1), a.number("dim", -1), { prepend: a.tensorOr("prepend"), append: a.tensorOr("append") })),
  trapezoid: row("y x", (a) => a.tensor("y").trapezoid(samples(a))),
  cumulative_trapezoid: row("y x", (a) => a.tensor("y").cumulativeTrapezoid(samples(a))),
  isposinf: row("input", (a) => a.tensor("input").isPosInf()),
  isneginf: row("input", (a) => a.tensor("input").isNegInf()),
  isin: row("elements test_elements", (a) => a.tensor("elements").isIn(a.tensor("test_elements"))),
  corrcoef: row("input", (a) => a.tensor("input").corrcoef()),
  cov: row("input", (a) => a.tensor("input").cov({ correction: a.number("correction", 1), fweights: a.tensorOr("fweights"), aweights: a.tensorOr("aweights") })),
  nanmean: row("input dim keepdim", (a) => a.tensor("input").nanmean(a.axes("dim"), a.bool("keepdim", false))),
  diagflat: row("input offset", (a) => a.tensor("input").diagflat(a.number("offset", 0))),
  dist: row("input other p", (a) => a.tensor("input").dist(a.tensor("other"), a.number("p", 2))),
  ldexp: row("input other", (a) => a.tensor("input").ldexp(a.operand("other"))),
  tensor_split: row("input parts|indices_or_sections|sections|indices|tensor_indices_or_sections dim", (a) => a.tensor("input").tensorSplit(parts(a, "parts"), a.number("dim", 0))),
  vsplit: row("input parts|indices_or_sections|sections|indices", (a) => a.tensor("input").vsplit(parts(a, "parts"))),
  hsplit: row("input parts|indices_or_sections|sections|indices", (a) => a.tensor("input").hsplit(parts(a, "parts"))),
  dsplit: row("input parts|indices_or_sections|sections|indices", (a) => a.tensor("input").dsplit(parts(a, "parts"))),
  bilinear: row("x1|input1 x2|input2 weight bias", (a) => nn.functional.bilinear(a.tensor("x1"), a.tensor("x2"), a.tensor("weight"), a.tensorOr("bias")) as Tensor),
  local_response_norm: row("input size alpha beta k", (a) => nn.functional.localResponseNorm(a.tensor("input"), a.number("size"), { alpha: a.number("alpha", 1e-4), beta: a.number("beta", 0.75), k: a.number("k", 1) })),
  quantile: quantile((x, q, dim, options) => x.quantile(q, dim, options)),
  nanquantile: quantile((x, q, dim, options) => x.nanquantile(q, dim, options)),
  nanmedian: row("input dim keepdim", (a) => (a.has("dim") ? pair(a.tensor("input").nanmedian(a.number("dim"), a.bool("keepdim", false))) : a.tensor("input").nanmedian())),
  mode: row("input dim keepdim", (a) => pair(a.tensor("input").mode(a.number("dim", -1), a.bool("keepdim", false)))),
  histc: row("input bins min max", (a) => a.tensor("input").histc({ bins: a.number("bins", 100), min: a.number("min", 0), max: a.number("max", 0) })),
  histogram: row("input bins", (a) => {
    const [min, max] = a.has("range") ? a.numbers("range") : [0, 0];
    const { hist, binEdges } = a.tensor("input").histogram({ bins: a.number("bins"), min, max, weight: a.tensorOr("weight"), density: a.bool("density", false) });
    return [hist, binEdges];
  }),
  channel_shuffle: row("input groups", (a) => nn.functional.channelShuffle(a.tensor("input"), a.number("groups"))),
};
