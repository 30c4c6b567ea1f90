import { arange, eye, full, linspace, logspace, ones, trilIndices, triuIndices, zeros } from "chainrule";
import { row, type Table } from "../row.ts";

/** Tensors made of nothing. */
export const creation: Table = {
  zeros: row("*size", (a) => zeros(a.numbers("size"), a.dtypeOr("dtype"))),
  ones: row("*size", (a) => ones(a.numbers("size"), a.dtypeOr("dtype"))),
  full: row("size fill_value", (a) => full(a.numbers("size"), a.scalar("fill_value"), a.dtypeOr("dtype"))),
  zeros_like: row("input", (a) => a.tensor("input").zerosLike(a.dtypeOr("dtype")!)),
  ones_like: row("input", (a) => a.tensor("input").onesLike(a.dtypeOr("dtype")!)),
  full_like: row("input fill_value", (a) => a.tensor("input").fullLike(a.scalar("fill_value"), a.dtypeOr("dtype")!)),
  eye: row("n m", (a) => eye(a.number("n"), a.number("m", undefined), a.dtypeOr("dtype"))),
  arange: row("start end step", (a) => {
    const dtype = a.dtypeOr("dtype");
    if (!a.has("end")) return arange(0, a.number("start"), 1, dtype);
    return arange(a.number("start"), a.number("end"), a.number("step", 1), dtype);
  }),
  linspace: row("start end steps", (a) => linspace(a.number("start"), a.number("end"), a.number("steps"), a.dtypeOr("dtype"))),
  logspace: row("start end steps base", (a) => logspace(a.number("start"), a.number("end"), a.number("steps"), a.number("base", 10), a.dtypeOr("dtype"))),
  tril_indices: row("row col offset", (a) => trilIndices(a.number("row"), a.number("col"), a.number("offset", 0))),
  triu_indices: row("row col offset", (a) => triuIndices(a.number("row"), a.number("col"), a.number("offset", 0))),
};
