import { checkTorch } from "./check.ts";

/** The same with artifacts that serve every size. What has to know a size (a split, a class axis) does not count. */
checkTorch("js", "batch", {
  unary: 502, binary: 326, reductions: 351, matmul: 92, shape: 183, indexing: 130, norm: 55, losses: 141, second_order: 36, dtype: 552, conv_pool: 89,
});
checkTorch("js", "all", {
  unary: 502, binary: 326, reductions: 351, matmul: 91, shape: 154, indexing: 126, norm: 36, losses: 88, second_order: 34, dtype: 552, conv_pool: 14,
});
