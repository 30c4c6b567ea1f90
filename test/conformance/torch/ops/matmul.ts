import { blockDiag, cartesianProd, chainMatmul, einsum, linear, multiDot, tensordot, type Tensor } from "chainrule";
import type { Arguments } from "../arguments.ts";
import { row, type Row, type Table } from "../row.ts";

const product = (f: (x: Tensor, y: Tensor) => Tensor): Row => row("input other|mat2|vec|vec2|tensor", (a) => f(a.tensor("input"), a.tensor("other")));

/** `beta * input + alpha * (a product b)`. */
const addProduct = (f: (c: Tensor, a: Tensor, b: Tensor, options: { alpha: number; beta: number }) => Tensor): Row =>
  row("input a|mat1|mat|vec1|batch1 b|mat2|vec|vec2|batch2", (a) => f(a.tensor("input"), a.tensor("a"), a.tensor("b"), { alpha: a.number("alpha", 1), beta: a.number("beta", 1) }));

const cross = (dim: (a: Arguments) => number | undefined): Row => row("input other dim", (a) => a.tensor("input").cross(a.tensor("other"), dim(a)));

/** The axes of `tensordot`: how many, or which of each operand. */
function contraction(a: Arguments): number | [number[], number[]] {
  const dims = a.value("dims");
  return Array.isArray(dims) ? (dims as [number[], number[]]) : a.number("dims", 2);
}

export const matmul: Table = {
  mm: product((x, y) => x.mm(y)),
  mv: product((x, y) => x.mv(y)),
  dot: product((x, y) => x.dot(y)),
  vdot: product((x, y) => x.dot(y)),
  rmatmul: product((x, y) => y.matmul(x)),
  matmul: product((x, y) => x.matmul(y)),
  bmm: product((x, y) => x.bmm(y)),
  outer: product((x, y) => x.outer(y)),
  inner: product((x, y) => x.inner(y)),
  kron: product((x, y) => x.kron(y)),
  addmm: addProduct((c, a, b, o) => c.addmm(a, b, o)),
  addmv: addProduct((c, a, b, o) => c.addmv(a, b, o)),
  addr: addProduct((c, a, b, o) => c.addr(a, b, o)),
  baddbmm: addProduct((c, a, b, o) => c.baddbmm(a, b, o)),
  addbmm: addProduct((c, a, b, o) => c.addbmm(a, b, o)),
  "torch.linalg.cross": cross((a) => a.number("dim", -1)),
  cross: cross((a) => a.number("dim", undefined)),
  einsum: row("equation *operands", (a) => einsum(a.text("equation"), ...a.tensors("operands"))),
  tensordot: row("a b dims", (a) => tensordot(a.tensor("a"), a.tensor("b"), contraction(a))),
  "torch.linalg.multi_dot": row("tensors", (a) => multiDot(a.tensors("tensors"))),
  chain_matmul: row("*tensors", (a) => chainMatmul(...a.tensors("tensors"))),
  cartesian_prod: row("*tensors", (a) => cartesianProd(...a.tensors("tensors"))),
  block_diag: row("*tensors", (a) => blockDiag(...a.tensors("tensors"))),
  "torch.nn.functional.linear": row("input weight bias", (a) => linear(a.tensor("input"), a.tensor("weight"), a.tensorOr("bias"))),
};
