import type { DType } from "../../../ir/types/index.ts";
import { dims } from "../../../ir/types/index.ts";
import { runSymbol, type Kernel, type KernelArg, type ScratchSpec, type SortSpec } from "../ir.ts";

/** Elements that are sorted by counting, which takes their square, all of it at once; and those of a run where there are more. */
const sortedAtOnce = 128, runLength = 32;

/** What a sort keeps for itself: the elements and their positions halfway, where they are merged. */
export function sortScratch(s: SortSpec, dtype: DType): ScratchSpec[] {
  if (typeof s.length === "number" && s.length <= sortedAtOnce) return [];
  const size = dims.product([s.outer, s.length, s.inner]);
  return [{ name: "values", dtype, size }, { name: "positions", dtype: "i32", size }];
}

/** The kernels of a sort that merges: one that sorts runs of `from` elements, and one that merges two of any length. */
export interface MergeSort {
  readonly runs: Kernel;
  readonly merge: Kernel;
  readonly from: number;
}

/** A sort's kernels, where it merges: then it has scratch. */
export function mergeSort(k: Kernel, spec: SortSpec): MergeSort | undefined {
  if (k.args.length === 3) return undefined;
  const [input, values, positions, otherValues, otherPositions] = k.args;
  const as = ({ scratch: _, ...arg }: KernelArg, access: KernelArg["access"]): KernelArg => ({ ...arg, access });
  return {
    runs: { ...k, args: [input, values, positions], sort: { ...spec, step: { kind: "runs", length: runLength } } },
    merge: {
      ...k, name: `${k.name}_merge`, scalars: [...k.scalars, runSymbol], sort: { ...spec, step: { kind: "merge" } },
      args: [as(otherValues, "read"), as(otherPositions, "read"), values, positions],
    },
    from: runLength,
  };
}
