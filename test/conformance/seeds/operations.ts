import { full, grad, ones, tensor, zeros } from "chainrule";
import type { SeedPrograms } from "./run.ts";

/** Products, indices, and a tour of the functions. */
export const operations: SeedPrograms = {
  "seed0/mm_rejects_3d": (s) => s.run(["tensor1", "tensor2"], ({ tensor1, tensor2 }) => {
    s.expectRefused("mm_is_error", () => tensor1.mm(tensor2));
    return { tensor1 };
  }).then(() => undefined),
  "seed3/dot_hypothesis": (s) => s.evaluate(["x", "w", "XB", "WB"], ({ x, w, XB, WB }) => ({
    dot: x.dot(w), sum_of_products: x.mul(w).sum(), batch: XB.matmul(WB),
  })),
  "seed4/mm_mismatch_matmul_broadcast": (s) => s.evaluate(["a", "b", "batch"], ({ a, b, batch }) => {
    s.expectRefused("mm_vector_is_error", () => a.mm(b));
    s.expectRefused("mm_mismatch_is_error", () => a.mm(a));
    s.expectRefused("mm_batch_is_error", () => batch.mm(b.unsqueeze(1)));
    s.expectRefused("matmul_mismatch_is_error", () => a.matmul(a));
    const column = b.unsqueeze(1);
    return { matmul_vector: a.matmul(b), mm_with_column: a.mm(column), matmul_batch_vector: batch.matmul(b), matmul_batch_matrix: batch.matmul(column) };
  }),
  "seed4/dot": (s) => s.evaluate(["v", "w"], ({ v, w }) => {
    s.expectRefused("dot_of_matrices_is_error", () => v.unsqueeze(0).dot(w.unsqueeze(0)));
    s.expectRefused("dot_of_different_lengths_is_error", () => v.dot(w.narrow(0, 0, 2)));
    return { dot: v.dot(w) };
  }),
  "seed4/softmax": (s) => s.evaluate(["tensor"], ({ tensor: x }) => {
    const probabilities = x.softmax(0);
    const weighted = probabilities.mul(tensor(s.numbers("weights"), "f32")).sum();
    return { softmax: probabilities, sum: probabilities.sum(), grad: grad(weighted, [x])[0] };
  }),
  "seed4/argmax_one_hot": async (s) => {
    const labels = await s.run(["y"], ({ y }) => ({ argmax: y.argmax(), argmax_dim1: y.argmax(1), argmax_dim0: y.argmax(0) }));
    s.expectAll(labels);
    // a shape cannot depend on data: the smallest class count that holds the labels is found here
    const classes = Math.max(...labels.argmax_dim1.data) + 1;
    await s.evaluate({ labels: labels.argmax_dim1 }, ({ labels: x }) => ({ one_hot: x.oneHot(classes), one_hot_5: x.oneHot(5) }));
  },
  "seed4/index_select": (s) => s.evaluate(["x", "indices"], ({ x, indices }) => {
    const rows = x.indexSelect(0, indices);
    return {
      dim0: rows, dim1: x.indexSelect(1, indices), repeated: x.indexSelect(0, tensor([1, 1, 0], "i32")),
      grad_of_square_sum_dim0: grad(rows.square().sum(), [x])[0],
    };
  }),
  "seed4/gather": (s) => s.evaluate(["A", "indices", "A3", "indices3"], ({ A, indices, A3, indices3 }) => {
    const diagonal = A.gather(1, indices);
    return {
      flattened: diagonal.flatten(), dim0: A.gather(0, indices.t()), dim1_3d: A3.gather(1, indices3),
      grad_of_squares: grad(diagonal.square().sum(), [A])[0],
    };
  }),
  "seed4/scatter_": (s) => s.evaluate(["src", "index0", "index1"], ({ src, index0, index1 }) => {
    const empty = zeros([3, 5], "i32"), twos = full([2, 4], 2, "f32"), column = tensor([[2], [3]], "i32");
    return {
      dim0: empty.scatter(0, index0, src), dim1: empty.scatter(1, index1, src),
      value: twos.scatter(1, column, 1.23), multiply: twos.scatter(1, column, 1.23, { reduce: "multiply" }), add: twos.scatter(1, column, 1.23, { reduce: "add" }),
      scatter_add_: ones([3, 5], "f32").scatterAdd(0, tensor([[0, 1, 2, 0, 0], [2, 0, 0, 1, 2]], "i32"), ones([2, 5], "f32")),
    };
  }),
  "seed4/math_operations": (s) => s.evaluate(["v", "p"], ({ v, p }) => ({
    abs: v.abs(), neg: v.neg(), sign: v.sign(), ceil: v.ceil(), floor: v.floor(), round: v.round(), trunc: v.trunc(), frac: v.frac(),
    exp: v.exp(), sin: v.sin(), cos: v.cos(), tan: v.tan(), tanh: v.tanh(), sigmoid: v.sigmoid(), square: v.square(), reciprocal: v.reciprocal(),
    erf: v.erf(), cumsum: v.cumsum(0), p_sqrt: p.sqrt(), p_rsqrt: p.rsqrt(), p_log: p.log(), p_log2: p.log2(), p_log1p: p.log1p(),
    pow: p.pow(1.5), fmod: v.fmod(1), remainder: v.remainder(1), clamp: v.clamp(-1, 1), maximum: v.maximum(p), atan2: v.atan2(p),
    sum: v.sum(), mean: v.mean(), std: v.std(), var: v.var(), prod: v.prod(), norm: v.norm(), max: v.max(), min: v.min(), logsumexp: v.logsumexp(),
  })),
};
