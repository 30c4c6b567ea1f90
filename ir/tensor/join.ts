import { check } from "../graph/error.ts";
import { emitOne } from "../graph/build.ts";
import type { Shape } from "../types/index.ts";
import { requireTensorList } from "./arguments.ts";
import { broadcastShape, full, resultType } from "./broadcast.ts";
import { wrap, type Tensor } from "./core.ts";
import { axisOf, newAxisOf } from "./dims.ts";
import { convert, describe } from "./lift.ts";
import { reshapeTo } from "./reshape.ts";
import type { ConcatCheck, ConcatShape, JoinedDType, StackCheck } from "./types/check.ts";
import type { Insert } from "./types/shape.ts";

/** Functions that put tensors together. Dtypes are promoted to one, as in arithmetic. */

/** Tensors given one by one or in one list. */
export type TensorArguments = readonly Tensor[] | readonly [readonly Tensor[]];
export function listTensors(name: string, tensors: TensorArguments): readonly Tensor[] {
  const list: unknown = tensors.length === 1 && Array.isArray(tensors[0]) ? tensors[0] : tensors;
  requireTensorList(name, list);
  return list;
}

/** Shape of tensors of one shape stacked along a new axis. */
type StackShape<T extends readonly Tensor[], A extends number> = number extends T["length"] ? Shape : Insert<T[0]["shape"], A, T["length"]>;

function promoted(tensors: readonly Tensor[], name: string): Tensor[] {
  check(tensors.length > 0, `${name} of no tensors`);
  const dtype = resultType(tensors.map((x) => x.value));
  return tensors.map((x) => convert(x, dtype));
}

/** Tensors one after another along an axis; all other dimensions must be equal, but for an empty vector `[0]`, which goes with any. PyTorch: `torch.cat`. */
export function cat<const T extends readonly Tensor[], A extends number = 0>(
  tensors: T & ConcatCheck<T, A>, dim?: A,
): Tensor<ConcatShape<T, A>, JoinedDType<T>>;
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  const promotedTensors = promoted(tensors, "cat"), shaped = promotedTensors.filter((x) => !(x.rank === 1 && x.shape[0] === 0));
  const all = shaped.length > 0 ? shaped : promotedTensors, [first] = all;
  check(first.rank > 0, () => `cat of ${describe(first)}: a scalar has no axis to join along`, "use stack");
  const axis = axisOf(dim, first);
  for (const x of all)
    check(x.rank === first.rank && x.shape.every((d, i) => i === axis || d === first.shape[i]), () =>
      `cannot concatenate ${describe(first)} with ${describe(x)} along axis ${axis}`, "all other dimensions must be equal");
  const filled = all.filter((x) => x.shape[axis] !== 0);
  return filled.length > 1 ? wrap(emitOne("concat", filled.map((x) => x.value), { axis })) : (filled[0] ?? first);
}
/** {@link cat}. PyTorch: `torch.concat`. */
export const concat: typeof cat = cat;

/** Tensors of one shape along a new axis. PyTorch: `torch.stack`. */
export function stack<const T extends readonly Tensor[], A extends number = 0>(tensors: T & StackCheck<T>, dim?: A): Tensor<StackShape<T, A>, JoinedDType<T>>;
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  check(tensors.length > 0, "stack of no tensors");
  const [first] = tensors, axis = newAxisOf(dim, first);
  for (const x of tensors)
    check(x.rank === first.rank && x.shape.every((d, i) => d === first.shape[i]), () =>
      `cannot stack ${describe(first)} with ${describe(x)}`, "the shapes must be equal; cat joins along an axis that is there");
  return cat(tensors.map((x) => x.unsqueeze(axis)), axis);
}

/** Side by side: along axis 1, vectors along axis 0. PyTorch: `torch.hstack`. */
export function hstack(tensors: readonly Tensor[]): Tensor {
  const all = tensors.map((x) => x.atleast1d());
  return cat(all, all[0]?.rank === 1 ? 0 : 1);
}
/** On top of each other: along axis 0, a vector as a row. PyTorch: `torch.vstack`. */
export const vstack = (tensors: readonly Tensor[]): Tensor => cat(tensors.map((x) => x.atleast2d()), 0);
/** Behind each other: along axis 2, a matrix as `[m, n, 1]`. PyTorch: `torch.dstack`. */
export const dstack = (tensors: readonly Tensor[]): Tensor => cat(tensors.map((x) => x.atleast3d()), 2);
/** Side by side, a vector as a column. PyTorch: `torch.column_stack`. */
export const columnStack = (tensors: readonly Tensor[]): Tensor => hstack(tensors.map((x) => (x.rank < 2 ? reshapeTo(x, [x.numel(), 1]) : x)));

/** The tensors, each expanded to the shape they all broadcast to. PyTorch: `torch.broadcast_tensors`. */
export function broadcastTensors(...args: TensorArguments): Tensor[] {
  const tensors = listTensors("broadcastTensors", args);
  const shape = tensors.reduce<Shape>((s, x) => broadcastShape(s, x.shape, "broadcastTensors"), []);
  return tensors.map((x) => x.expand(shape));
}

/**
 * Coordinates of a grid: for vectors of sizes m, n, …, as many tensors of shape `[m, n, …]`, each varying along its
 * own axis. `indexing: "xy"` exchanges the first two axes. PyTorch: `torch.meshgrid`.
 */
export function meshgrid(tensors: readonly Tensor[], { indexing = "ij" }: { readonly indexing?: "ij" | "xy" } = {}): Tensor[] {
  for (const x of tensors) check(x.rank <= 1, () => `meshgrid of ${describe(x)}: it takes vectors`);
  const vectors = tensors.map((x) => x.atleast1d());
  if (indexing === "xy" && vectors.length > 1) {
    const [y, x, ...rest] = meshgrid([vectors[1], vectors[0], ...vectors.slice(2)]);
    return [x, y, ...rest];
  }
  const shape = vectors.map((x) => x.shape[0]);
  return vectors.map((x, i) => x.reshape(shape.map((d, k) => (k === i ? d : 1))).expand(shape));
}

/** Every choice of one element from each vector, a row each; the last varies fastest. PyTorch: `torch.cartesian_prod`. */
export function cartesianProd(...args: TensorArguments): Tensor {
  const tensors = listTensors("cartesianProd", args);
  if (tensors.length === 1) return tensors[0];
  return stack(meshgrid(tensors).map((x) => x.flatten()), 1);
}

/** Matrices along the diagonal of one, with zeros elsewhere; a vector counts as a row. PyTorch: `torch.block_diag`. */
export function blockDiag(...args: TensorArguments): Tensor {
  const tensors = listTensors("blockDiag", args);
  for (const x of tensors) check(x.rank <= 2, () => `blockDiag of ${describe(x)}: it takes matrices`);
  const blocks = promoted(tensors, "blockDiag").map((x) => x.atleast2d());
  const widths = blocks.map((x) => x.shape[1]);
  const row = (x: Tensor, i: number): Tensor[] => widths.map((w, k) => (k === i ? x : wrap(full(0, x.dtype, [x.shape[0], w]))));
  return cat(blocks.map((x, i) => cat(row(x, i), 1)), 0);
}
