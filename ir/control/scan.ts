import { emit } from "../graph/build.ts";
import { check, GraphError } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dims, typeText, type Dim, type TensorType } from "../types/index.ts";
import { capturesOf, close, slotOf, trace } from "./region.ts";
import { flatten, leavesLike, tensorsOf, valuesOf, type Loose, type Row, type Stacked, type Structure } from "./structure.ts";

export interface ScanOptions {
  /** Number of steps; needed only where nothing is scanned (`xs` is null). */
  readonly length?: Dim;
  /** Runs from the last step to the first; stacked results keep the places of their rows. */
  readonly reverse?: boolean;
}

/**
 * Runs `body` once for each row of `xs`, carrying values from step to step:
 *
 * ```ts
 * const [h, hs] = scan((h, x) => { const next = cell(x, h); return [next, next]; }, h0, xs);
 * ```
 *
 * - `body(carry, x, step)` gets the carry, one row of each tensor of `xs` (null without), and the step as an i32
 *   scalar; it returns `[next carry, y]`. It may use any tensor around it. `y` may be null.
 * - `init` gives the carry's first value; dtypes and shapes do not change from step to step.
 * - `xs`: tensors of shape `[length, …]`; all have the same length, which may be symbolic.
 *
 * Returns the last carry and the `y` of all steps, stacked: shape `[length, …]`. Structures (tensor, tuple, record)
 * are kept. As `jax.lax.scan`, with the step besides.
 */
export function scan<const C extends Structure, X extends Structure | null, const Y extends Structure | null>(
  body: (carry: C, x: Row<X>, step: Tensor<[], "i32">) => readonly [Loose<C>, Y],
  init: C, xs: X, { length: given, reverse = false }: ScanOptions = {},
): [C, Stacked<Y>] {
  const carry = flatten(init, "scan: the initial carry");
  const rows = xs === null ? undefined : flatten<Structure>(xs, "scan: xs");
  const scanned = rows?.leaves ?? [];
  const length = lengthOf(scanned, given);

  let y: unknown = null; // what the body returned to be stacked
  const carried = carry.leaves.length;
  const types: TensorType[] = [{ dtype: "i32", shape: [] }, ...carry.leaves.map((t) => t.value.type), ...scanned.map(rowType)];
  const traced = trace(types, (params) => {
    const [step, ...rest] = tensorsOf(params);
    const row: unknown = rows ? rows.rebuild(rest.slice(carried)) : null;
    const result: unknown = body(carry.rebuild(rest), row as Row<X>, step as Tensor<[], "i32">);
    check(Array.isArray(result) && result.length === 2, "scan: the body must return [carry, y]", "return [carry, null] where nothing is stacked");
    const next = leavesLike(init, result[0], "scan: the carry that the body returns");
    y = result[1] ?? null;
    return valuesOf([...next, ...(y === null ? [] : flatten(y, "scan: what the body returns to be stacked").leaves)]);
  });

  const { frame, params, results } = traced;
  const assigned = [...frame.assigned.keys()], readOnly = [...frame.entry.keys()].filter((s) => !frame.assigned.has(s));
  const entry = (s: Value): Value => frame.entry.get(s)!;
  const captures = capturesOf([traced], "hoist");
  const region = close(
    [...params.slice(0, 1 + carried), ...assigned.map(entry), ...params.slice(1 + carried), ...readOnly.map(entry), ...captures].map(slotOf),
    [...results.slice(0, carried), ...assigned.map((s) => frame.assigned.get(s)!), ...results.slice(carried)],
  );
  const outer = (s: Value): Value => frame.outer(s);
  const outputs = emit("scan",
    [...valuesOf(carry.leaves), ...assigned.map(outer), ...valuesOf(scanned), ...readOnly.map(outer), ...captures],
    { carries: carried + assigned.length, xs: scanned.length, length, reverse }, [region]);
  for (const [i, s] of assigned.entries()) frame.parent?.write(s, outputs[carried + i]);

  const stacked: unknown = y === null ? null : flatten(y, "scan").rebuild(tensorsOf(outputs.slice(carried + assigned.length)));
  return [carry.rebuild(tensorsOf(outputs)), stacked as Stacked<Y>];
}

const rowType = (x: Tensor): TensorType => ({ dtype: x.dtype, shape: x.shape.slice(1) });

function lengthOf(scanned: readonly Tensor[], given: Dim | undefined): Dim {
  for (const x of scanned) check(x.rank > 0, () => `scan: a scanned tensor is ${typeText(x.value.type)}`, "it needs a first dimension to go along");
  const lengths = [...scanned.map((x) => x.shape[0]), ...(given === undefined ? [] : [dims.dim(given)])];
  if (lengths.length === 0) throw new GraphError("scan of nothing: there is no length", "give { length: n } where xs is null");
  for (const d of lengths)
    check(d === lengths[0], () => `scan: the lengths differ: ${lengths.join(", ")}`, "all scanned tensors need the same first dimension (and the length given, if any)");
  return lengths[0];
}
