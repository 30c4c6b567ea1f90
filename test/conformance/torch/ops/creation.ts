import { arange, eye, full, linspace, logspace, ones, trilIndices, triuIndices, Tensor, zeros, type DType } from "chainrule";
import type { Arguments } from "../arguments.ts";
import { row, type Row, type Table } from "../row.ts";

/** Tensors made of nothing. */
const newLike = (f: (size: number[], a: Arguments, dtype: DType) => Tensor, signature = "input *size"): Row => row(signature, (a) => {
  const { dtype } = a.tensor("input");
  return f(a.numbers("size"), a, a.dtypeOr("dtype") ?? dtype);
});

export const creation: Table = {
  scalar_tensor: row("value", (a) => full([], a.scalar("value"), a.dtypeOr("dtype") ?? "f32")),
  new_zeros: newLike((size, a, dtype) => zeros(size, dtype)),
  new_ones: newLike((size, a, dtype) => ones(size, dtype)),
  new_full: newLike((size, a, dtype) => full(size, a.scalar("fill_value"), dtype), "input size fill_value"),
  fill: row("input value", (a) => { const value = a.operand("value"); return value instanceof Tensor ? value.convert(a.tensor("input").dtype).expandAs(a.tensor("input")) : a.tensor("input").fullLike(value); }),
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
  tril_indices: row("row col offset dtype", (a) => trilIndices(a.number("row"), a.number("col"), a.number("offset", 0))),
  triu_indices: row("row col offset dtype", (a) => triuIndices(a.number("row"), a.number("col"), a.number("offset", 0))),
};
