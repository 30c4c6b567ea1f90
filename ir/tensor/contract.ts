import { check } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import { shapeText, type Dim } from "../types/index.ts";
import { wrap, type Tensor } from "./core.ts";
import { describe } from "./lift.ts";
import { forProduct } from "./precision.ts";
import { reshapeTo } from "./reshape.ts";

/**
 * Products by labels, which `matmul`, `einsum` and `tensordot` share: every axis has a label, axes of one label
 * meet, and labels that are not in the result are summed over.
 */
export interface Labelled<L = string> {
  readonly tensor: Tensor;
  /** One for each axis; none occurs twice. */
  readonly labels: readonly L[];
}

/** Throws unless the tensors have one dtype, and that of numbers. */
export function requireSameDType(a: Tensor, b: Tensor, name: string): void {
  check(a.dtype === b.dtype, () => `${name} of ${describe(a)} with ${describe(b)}: the dtypes differ`, "convert one to the dtype of the other");
  check(a.dtype !== "bool", () => `${name} of ${describe(a)} with ${describe(b)}: bool has no products`, "convert them to a number, or use logicalAnd and any");
}

/** Drops axes of size 1 whose label has another size in the other tensor: those broadcast. */
function withoutOnes<L>(x: Labelled<L>, other: Labelled<L>): Labelled<L> {
  const kept = x.labels.map((_, i) => i).filter((i) => {
    const k = other.labels.indexOf(x.labels[i]);
    return k < 0 || x.tensor.shape[i] !== 1 || other.tensor.shape[k] === 1;
  });
  return kept.length === x.labels.length ? x : { tensor: reshapeTo(x.tensor, kept.map((i) => x.tensor.shape[i])), labels: kept.map((i) => x.labels[i]) };
}

/** The product of two labelled tensors, with the labels of `out` in its order; every one of `out` is a label of either. */
export function contract<L>(first: Labelled<L>, second: Labelled<L>, out: readonly L[], name: string): Tensor {
  const [of, by] = forProduct(first.tensor, second.tensor), a = { ...first, tensor: of }, b = { ...second, tensor: by };
  requireSameDType(a.tensor, b.tensor, name);
  const [left, right] = [withoutOnes(a, b), withoutOnes(b, a)];
  const [x, y] = [sumOut(left, right, out), sumOut(right, left, out)];
  const shared = x.labels.filter((l) => y.labels.includes(l));
  for (const l of shared) {
    const dx: Dim = x.tensor.shape[x.labels.indexOf(l)], dy: Dim = y.tensor.shape[y.labels.indexOf(l)];
    check(dx === dy, () => `cannot ${name} ${describe(a.tensor)} with ${describe(b.tensor)}: ${dx} against ${dy}`);
  }
  const isSummed = (l: L): boolean => !out.includes(l);
  if (!shared.some(isSummed)) return aligned(x, out).mul(aligned(y, out)); // nothing is summed: no product of matrices
  const pairs = (labels: readonly L[]): [number, number][] => labels.map((l) => [x.labels.indexOf(l), y.labels.indexOf(l)]);
  const batch = shared.filter((l) => !isSummed(l));
  const product = wrap(emitOne("dot", [x.tensor.value, y.tensor.value], { batch: pairs(batch), contract: pairs(shared.filter(isSummed)) }));
  const labels = [...batch, ...x.labels.filter((l) => !shared.includes(l)), ...y.labels.filter((l) => !shared.includes(l))];
  return product.permute(out.map((l) => labels.indexOf(l)));
}

/** Sums over the labels that neither the other tensor nor the result has. */
export function sumOut<L>(x: Labelled<L>, other: Labelled<L> | undefined, out: readonly L[]): Labelled<L> {
  const gone = x.labels.filter((l) => !out.includes(l) && !other?.labels.includes(l));
  if (gone.length === 0) return x;
  return { tensor: x.tensor.sum(gone.map((l) => x.labels.indexOf(l))).convert(x.tensor.dtype), labels: x.labels.filter((l) => !gone.includes(l)) };
}

/** A tensor with its axes in the order of `out`, and a 1 where it has none. */
export function aligned<L>({ tensor, labels }: Labelled<L>, out: readonly L[]): Tensor {
  const present = out.filter((l) => labels.includes(l));
  const ordered = tensor.permute(present.map((l) => labels.indexOf(l)));
  return reshapeTo(ordered, out.map((l) => (labels.includes(l) ? tensor.shape[labels.indexOf(l)] : 1)));
}

/** The batched product of `[…, M, K]` and `[…, K, N]`, whose batch dimensions broadcast. */
export function matrixProduct(a: Tensor, b: Tensor, name: string): Tensor {
  const k = a.shape[a.rank - 1], k2 = b.shape[b.rank - 2];
  check(k === k2, () =>
    `cannot ${name} ${describe(a)} with ${describe(b)}: ${k} against ${k2}`,
    `the last dimension of the first and the one before last of the second must be equal; ${shapeText(b.shape)} may want a transpose`);
  const depth = Math.max(a.rank, b.rank) - 2;
  const batchLabels = (x: Tensor): string[] => Array.from({ length: x.rank - 2 }, (_, i) => `batch${i + depth - (x.rank - 2)}`);
  const out = [...Array.from({ length: depth }, (_, i) => `batch${i}`), "m", "n"];
  return contract({ tensor: a, labels: [...batchLabels(a), "m", "k"] }, { tensor: b, labels: [...batchLabels(b), "k", "n"] }, out, name);
}
