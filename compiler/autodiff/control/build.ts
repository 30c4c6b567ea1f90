import { emit, type Value } from "../../../ir/graph/index.ts";
import type { Dim, TensorType } from "../../../ir/types/index.ts";
import { close, placeholder } from "../rewrite.ts";

/** Type of one row of a tensor that a scan walks along. */
export const rowType = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape: shape.slice(1) });

/** The parts of a scan: what goes in, under the value that stands for it in the body, and what comes out of a step. */
export interface ScanParts {
  readonly length: Dim;
  readonly reverse: boolean;
  /** The step's number in the body. */
  readonly step: Value;
  readonly carries: readonly { readonly initial: Value; readonly inBody: Value; readonly next: Value }[];
  readonly xs: readonly { readonly tensor: Value; readonly inBody: Value }[];
  readonly captures: readonly { readonly value: Value; readonly inBody: Value }[];
  readonly rows: readonly Value[];
}

/** Emits a scan of its parts. Results: final carries, then stacked rows. */
export function emitScan({ length, reverse, step, carries, xs, captures, rows }: ScanParts): readonly Value[] {
  const body = close([step, ...[...carries, ...xs, ...captures].map((p) => p.inBody)], [...carries.map((c) => c.next), ...rows]);
  const inputs = [...carries.map((c) => c.initial), ...xs.map((x) => x.tensor), ...captures.map((c) => c.value)];
  return emit("scan", inputs, { carries: carries.length, xs: xs.length, length, reverse }, [body]);
}

/**
 * A scan of one carry along the leading axis of `xs`: `body` gets the carry and a row of each, and returns the
 * next carry and a row of the result. Returns the stacked rows.
 */
export function scanRows(xs: readonly Value[], initial: Value, reverse: boolean, body: (carry: Value, rows: readonly Value[]) => { next: Value; row: Value }): Value {
  const step = placeholder({ dtype: "i32", shape: [] }), carry = placeholder(initial.type);
  const rows = xs.map((x) => placeholder(rowType(x.type)));
  const { next, row } = body(carry, rows);
  return emitScan({
    length: xs[0].type.shape[0], reverse, step, captures: [], rows: [row],
    carries: [{ initial, inBody: carry, next }], xs: xs.map((tensor, i) => ({ tensor, inBody: rows[i] })),
  })[1];
}
