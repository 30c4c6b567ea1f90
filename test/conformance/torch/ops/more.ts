import { nn, type Tensor } from "chainrule";
import type { Arguments } from "../arguments.ts";
import { row, type Table } from "../row.ts";

const samples = (a: Arguments) => ({ dim: a.number("dim", -1), ...(a.has("x") && { x: a.tensor("x") }), ...(a.has("dx") && { dx: a.number("dx") }) });
const parts = (a: Arguments, name: string): number | number[] => a.axes(name)!;

/** What the shared suite does not have. */
export const more: Table = {
  diff: row("input n dim", (a) => a.tensor("input").diff(a.number("n", 1), a.number("dim", -1))),
  trapezoid: row("y x", (a) => a.tensor("y").trapezoid(samples(a))),
  cumulative_trapezoid: row("y x", (a) => a.tensor("y").cumulativeTrapezoid(samples(a))),
  isposinf: row("input", (a) => a.tensor("input").isPosInf()),
  isneginf: row("input", (a) => a.tensor("input").isNegInf()),
  isin: row("elements test_elements", (a) => a.tensor("elements").isIn(a.tensor("test_elements"))),
  corrcoef: row("input", (a) => a.tensor("input").corrcoef()),
  cov: row("input", (a) => a.tensor("input").cov({ correction: a.number("correction", 1) })),
  nanmean: row("input dim keepdim", (a) => a.tensor("input").nanmean(a.axes("dim"), a.bool("keepdim", false))),
  diagflat: row("input offset", (a) => a.tensor("input").diagflat(a.number("offset", 0))),
  dist: row("input other p", (a) => a.tensor("input").dist(a.tensor("other"), a.number("p", 2))),
  ldexp: row("input other", (a) => a.tensor("input").ldexp(a.operand("other"))),
  entr: row("input", (a) => a.tensor("input").entr()),
  ndtr: row("input", (a) => a.tensor("input").ndtr()),
  tensor_split: row("input parts dim", (a) => a.tensor("input").tensorSplit(parts(a, "parts"), a.number("dim", 0))),
  hsplit: row("input parts", (a) => a.tensor("input").hsplit(parts(a, "parts"))),
  dsplit: row("input parts", (a) => a.tensor("input").dsplit(parts(a, "parts"))),
  bilinear: row("x1 x2 weight bias", (a) => nn.functional.bilinear(a.tensor("x1"), a.tensor("x2"), a.tensor("weight"), a.tensorOr("bias")) as Tensor),
  local_response_norm: row("input size alpha beta k", (a) => nn.functional.localResponseNorm(a.tensor("input"), a.number("size"), { alpha: a.number("alpha", 1e-4), beta: a.number("beta", 0.75), k: a.number("k", 1) })),
  channel_shuffle: row("input groups", (a) => nn.functional.channelShuffle(a.tensor("input"), a.number("groups"))),
};
