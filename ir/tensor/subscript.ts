import { check, GraphError } from "../graph/error.ts";
import { dims, type Dim, type Shape } from "../types/index.ts";
import { asIndex, fromStart, gatherAt, stretch } from "./address.ts";
import { broadcastShape } from "./broadcast.ts";
import { Tensor } from "./core.ts";
import { describe } from "./lift.ts";
import { sliceAxis, takeOne } from "./slice.ts";

/** A slice: start, stop and step, each open where null or missing. */
export type SliceIndex = readonly [start?: Dim | null, stop?: Dim | null, step?: number | null];
/** What addresses one axis, as in Python's brackets: see `at`. */
export type Index = number | string | null | SliceIndex | Tensor;

/** A tensor indexed as with Python's brackets; the rules are those of `at`. */
export function applyIndex(x: Tensor, indices: readonly Index[]): Tensor {
  const named = indices.filter((i) => i !== null && i !== "...").length;
  check(named <= x.rank, () => `${named} indices for ${describe(x)}, which has ${x.rank} axes`);
  check(indices.filter((i) => i === "...").length <= 1, () => `an index of ${describe(x)} has two "..."; it can have one`);
  let out = x, axis = 0;
  const picked: { axis: number; index: Tensor }[] = [];
  for (const item of indices) {
    if (item === "...") axis += x.rank - named;
    else if (item === null) out = out.unsqueeze(axis++);
    else if (item instanceof Tensor) picked.push({ axis: axis++, index: item });
    else if (typeof item === "object") out = sliceAs(out, axis++, item);
    else if (typeof item === "string" && item.includes(":")) out = sliceAs(out, axis++, parseSlice(item));
    else out = takeOne(out, axis, typeof item === "string" ? parseBound(item)! : item);
  }
  return picked.length === 0 ? out : pick(out, picked);
}

/** A slice with Python's rules: negative bounds count from the end, and bounds are cut to an axis of known size. */
function sliceAs(x: Tensor, axis: number, [start, stop, step]: SliceIndex): Tensor {
  const size = x.shape[axis], stride = step ?? 1;
  check(Number.isInteger(stride) && stride >= 1, () =>
    `a slice of ${describe(x)} has the step ${stride}`, "steps are whole numbers from 1; use flip for the other direction");
  const bound = (b: Dim | null | undefined, open: Dim): Dim => {
    if (b === null || b === undefined) return open;
    check(typeof b === "string" || Number.isInteger(b), () => `a slice of ${describe(x)} has the bound ${b}, which is not a whole number`);
    const at = typeof b === "number" && b < 0 ? dims.add(size, b) : dims.dim(b);
    return typeof at === "number" && typeof size === "number" ? Math.min(Math.max(at, 0), size) : at;
  };
  const from = bound(start, 0), to = bound(stop, size);
  return sliceAxis(x, axis, from, typeof from === "number" && typeof to === "number" ? Math.max(from, to) : to, stride);
}

function parseSlice(text: string): SliceIndex {
  const parts = text.split(":").map(parseBound);
  const step = parts[2] ?? null;
  if (parts.length > 3 || typeof step === "string")
    throw new GraphError(`"${text}" is not a slice`, 'write "start:stop" or "start:stop:step", each of which may be left out');
  return [parts[0], parts[1], step];
}
/** A bound in a slice's text: nothing, a number, or a dimension. */
function parseBound(text: string): Dim | null {
  const trimmed = text.trim();
  return trimmed === "" ? null : /^-?\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
}

/** Elements at index tensors of some axes. Their common shape stands where they were, or in front if they were apart. */
function pick(x: Tensor, picked: readonly { axis: number; index: Tensor }[]): Tensor {
  const shape = picked.reduce<Shape>((s, p) => broadcastShape(s, p.index.shape, "index"), []);
  const axes = picked.map((p) => p.axis);
  const indices = picked.map((p) => stretch(fromStart(asIndex(p.index, `an index of ${describe(x)}`), x, p.axis), shape));
  const isTogether = axes.every((a, k) => a === axes[0] + k);
  return gatherAt(x, axes, indices, isTogether ? axes[0] : 0);
}
