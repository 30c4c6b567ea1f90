import { emit, emitOne, type Node, type Value } from "../../ir/graph/index.ts";
import { wholeAxes } from "../../ir/ops/index.ts";
import { dims, type Dim } from "../../ir/types/index.ts";
import { scanRows } from "./control/build.ts";
import { add, eq, full, mul, ones, reshape, select, shift, spread, zeros } from "./values.ts";

/**
 * For each update of a scatter, the product of all other updates at its place.
 *
 * Updates are sorted by where they go, so that those of one place are neighbours; one pass from each end keeps
 * the running product of a place. There is no division, so zeros are exact, in derivatives of derivatives too.
 */
export function othersAtIndex(node: Node<"scatter">): Value {
  const { inputs: [operand, updates, ...indices], attrs } = node;
  const count = dims.product(indices[0].type.shape);
  const whole = wholeAxes(operand.type.shape.length, attrs).map((i) => operand.type.shape[i]);

  const [places, from] = emit("sort", [reshape(placeOf(node), [count])], { axis: 0, descending: false });
  const rows = reshape(updates, [count, ...whole]);
  const sorted = emitOne("gather", [rows, from], { axes: [0], batch: [] });
  const [before, after] = [false, true].map((reverse) => productWithinPlace(places, sorted, reverse));
  const unsorted = emitOne("scatter", [zeros(rows.type), mul(before, after), from], { axes: [0], batch: [], reducer: "sum" });
  return reshape(unsorted, updates.type.shape);
}

/** The place that each index tuple addresses, as one number: row-major over the operand's indexed axes. */
function placeOf({ inputs: [operand, , ...indices], attrs: { axes, batch } }: Node<"scatter">): Value {
  const { shape } = operand.type, type = indices[0].type;
  let place = zeros(type), stride: Dim = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const walked = batch.find(([o]) => o === axis);
    if (!walked && !axes.includes(axis)) continue;
    const index = walked ? emitOne("iota", [], { ...type, dtype: "i32", axis: walked[1] }) : indices[axes.indexOf(axis)];
    const step = typeof stride === "number" ? full(stride, type) : spread(emitOne("dimension", [], { size: stride }), type.shape, []);
    place = add(place, mul(index, step));
    stride = dims.mul(stride, shape[axis]);
  }
  return place;
}

/** For each row, the product of the rows before it (after it, if `reverse`) that have its place. */
function productWithinPlace(places: Value, rows: Value, reverse: boolean): Value {
  const row = { dtype: rows.type.dtype, shape: rows.type.shape.slice(1) };
  const samePlace = eq(places, shift(places, 0, reverse, -1));
  return scanRows([samePlace, rows], ones(row), reverse, (running, [same, factor]) => {
    const before = select(spread(same, row.shape, []), running, ones(row));
    return { next: mul(before, factor), row: before };
  });
}
