import * as c from "chainrule";
import { tensor, type Tensor } from "chainrule";
import { at, each, ints, within, type Table } from "./check.ts";

/** The functions of tensors that are exported by themselves, and what else is. */

export const functions: Table = {
  ...each("GraphError Tensor assign latest isTraining defineModel bf16 bool f16 f32 f64 i32 u32 u8 resultType autocast scalar", () => "is no function of tensors"),
  ...each("arange bartlettWindow blackmanWindow eye full hammingWindow hannWindow kaiserWindow linspace logspace ones tensor trilIndices triuIndices zeros", () => "has no tensors to be differentiated by"),
  ...each("oneHot searchsorted unravelIndex", () => "gives integers"),
  ...each("grad jvp valueAndGrad vjp stopGradient custom", () => "is a derivative itself; see test/compiler/autodiff"),
  blockDiag: at([[2, 1], [1, 3]], (a, b) => c.blockDiag(a, b)),
  broadcastTensors: at([[2, 1], [3]], (a, b) => c.broadcastTensors(a, b)),
  cartesianProd: at([[2], [3]], (a, b) => c.cartesianProd(a, b)),
  ...each("cat concat", () => at([[2, 1], [2, 3]], (a, b) => c.concat([a, b], 1))),
  cdist: [at([[3, 2], [2, 2]], (a, b) => c.cdist(a, b)), at([[3, 2], [2, 2]], (a, b) => c.cdist(a, b, 3))],
  ...each("chainMatmul", () => at([[2, 3], [3, 4], [4, 2]], (x, y, z) => c.chainMatmul(x, y, z))),
  multiDot: at([[2, 3], [3, 4], [4, 2]], (x, y, z) => c.multiDot([x, y, z])),
  columnStack: at([[2], [2, 3]], (a, b) => c.columnStack([a, b])),
  combinations: at([[4]], (x) => c.combinations(x, 2)),
  cosineSimilarity: at([[2, 3], [2, 3]], (a, b) => c.cosineSimilarity(a, b)),
  dstack: at([[2, 3], [2, 3]], (a, b) => c.dstack([a, b])),
  einsum: at([[2, 3], [3, 4], [4]], (x, y, z) => c.einsum("ij,jk,k->i", x, y, z)),
  embedding: at([[3, 2]], (w) => c.embedding(ints([0, 2, 2]), w)),
  hstack: at([[2, 1], [2, 3]], (a, b) => c.hstack([a, b])),
  linear: at([[2, 3], [4, 3], [4]], (x, w, b) => c.linear(x, w, b)),
  meshgrid: at([[2], [3]], (a, b) => c.meshgrid([a, b])),
  pad: [
    at([[2, 3]], (x) => c.pad(x, [1, 2, 0, 1], { value: 5 })), at([[2, 4]], (x) => c.pad(x, [3, 1], { mode: "reflect" })), at([[2, 3]], (x) => c.pad(x, [1, 4], { mode: "replicate" })),
    at([[2, 3]], (x) => c.pad(x, [2, 3], { mode: "circular" })), at([[2, 3]], (x) => c.pad(x, [-1, 1])),
  ],
  pairwiseDistance: [at([[2, 3], [2, 3]], (a, b) => c.pairwiseDistance(a, b)), at([[2, 3], [2, 3]], (a, b) => c.pairwiseDistance(a, b, { p: 1, keepdim: true }))],
  pdist: [at([[3, 2]], (x) => c.pdist(x)), at([[3, 2]], (x) => c.pdist(x, 3))],
  stack: at([[2, 3], [2, 3]], (a, b) => c.stack([a, b], 1)),
  tensordot: at([[2, 3, 2], [2, 3, 4]], (a, b) => c.tensordot(a, b, [[1, 0], [1, 0]])),
  vstack: at([[3], [2, 3]], (a, b) => c.vstack([a, b])),
  where: at([[2, 3], [3]], (a, b) => c.where(tensor([[true, false, true], [false, true, true]], "bool") as Tensor, a, b)),
  checkpoint: at([[2, 3], [3, 3]], (x, w) => c.checkpoint((x: Tensor, w: Tensor): Tensor => x.matmul(w).tanh(), x, w)),
  cond: at([[3], [3]], (x, y) => c.cond(x.sum().lt(9), (a: Tensor): Tensor => a.mul(y), (a: Tensor): Tensor => a, x)),
  scan: at([[2], [4, 2], [2, 2]], (h, xs, w) => { const [last, all] = c.scan((h: Tensor, x: Tensor) => { const next: Tensor = h.matmul(w).add(x).tanh(); return [next, next] as const; }, h, xs) as unknown as [Tensor, Tensor]; return [last, all]; }),
  whileLoop: at([within(1.2, 1.8, [2])], (x) => c.whileLoop([ints(0), x] as const, ([i]) => i.lt(3), ([i, v]) => [i.add(1), v.mul(x).sin()] as const, { maxTrips: 4 } as never)[1] as Tensor),
};
