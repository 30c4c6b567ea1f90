/** Tensors: the typed symbolic handle and the functions on it, with PyTorch's names in camelCase and PyTorch's meanings. */
export { Tensor } from "./tensor.ts";
export { arange, eye, full, linspace, logspace, ones, tensor, trilIndices, triuIndices, zeros, type NestedData } from "./creation.ts";
export { cdist, cosineSimilarity, pairwiseDistance, pdist, type DistanceOptions } from "./distances.ts";
export { einsum } from "./einsum.ts";
export { embedding, oneHot, pad, resultType, searchsorted, where } from "./functional.ts";
export { blockDiag, broadcastTensors, cartesianProd, cat, columnStack, concat, dstack, hstack, meshgrid, stack, vstack } from "./join.ts";
export type { PadOptions } from "./padding.ts";
export { autocast } from "./precision.ts";
export { chainMatmul, linear, multiDot, tensordot } from "./products.ts";
export { bartlettWindow, blackmanWindow, hammingWindow, hannWindow, kaiserWindow, type WindowOptions } from "./signal.ts";
export { scalar, type Scalar, type ScalarKind } from "./scalar.ts";
export type { Index, SliceIndex } from "./subscript.ts";
export { combinations, unravelIndex } from "./tuples.ts";
export type { ValuesAndIndices } from "./methods/reductions.ts";
export type { DTypeOf, Operand, ShapeOf } from "./types/check.ts";
