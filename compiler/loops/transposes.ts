import { lanes } from "./contract/tile.ts";
import type { Expr, LoopVar } from "./ir.ts";
import { forEachExpr } from "./pool.ts";
import type { LoopShape } from "./schedule.ts";
import { strideOf } from "./tile.ts";

/** Matrices side by side, whose columns the registers hold. */
const mostCopies = 2;

/**
 * Shapes of loops over a value whose elements in a vector along `lane` are far apart, while a step of one of the `others`
 * goes to their neighbours: four steps of that loop are written out, so that a target with vectors finds the rows of a
 * matrix of 4×4, loads them as they lie and transposes them. Undefined for other values; those of a guard are loaded one
 * by one in any case.
 */
export function shapesToTranspose(value: Expr, others: readonly LoopVar[], lane: LoopVar, shape: LoopShape): ReadonlyMap<string, LoopShape> | undefined {
  if (shape.lanes === 1) return undefined;
  let along: LoopVar | undefined;
  forEachExpr([value], (e) => {
    if (e.kind !== "load" || e.half || e.dtype === "bool" || e.dtype === "u8") return;
    const apart = strideOf(e.index, lane);
    if (apart === undefined || (typeof apart === "number" && Math.abs(apart) < lanes)) return;
    along ??= others.find((v) => strideOf(e.index, v) === 1 && (typeof v.extent !== "number" || v.extent >= lanes));
  }, (e) => e.kind === "guard");
  return along && new Map([[lane.name, { ...shape, copies: Math.min(shape.copies, mostCopies) }], [along.name, { lanes: 1, copies: lanes }]]);
}
