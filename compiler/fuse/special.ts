import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { dims, isHalf, mathType, type Dim, type TensorType } from "../../ir/types/index.ts";
import { buildLoops, plainLoops, type BuiltLoops, type LoopBuilder } from "../loops/builder.ts";
import { withFewCopies } from "../loops/copies.ts";
import type { Index, LoopVar, SortSpec, Stmt, StoreSpec } from "../loops/ir.ts";
import { ExprPool } from "../loops/pool.ts";
import { Expander } from "./expand.ts";
import type { Scope } from "./kernel.ts";

/** Kernels that are not stores over a domain: scatter, sort, and plain copies. */

const loopsOver = (shape: TensorType["shape"], prefix: string): (LoopVar | undefined)[] =>
  shape.map((extent, k) => (extent === 1 ? undefined : { name: `${prefix}${k}`, extent }));

/** The loops of one store, after others that take so many scratch arguments. */
const loopsOf = (builder: LoopBuilder, store: StoreSpec, pool: ExprPool, scratch = 0, isOrdered = false): BuiltLoops => {
  const loops = buildLoops(builder, withFewCopies([store], pool), pool, store.arg + 1 + scratch, isOrdered);
  if (typeof loops === "string") throw new Error(`internal: ${loops}`);
  return loops;
};

/**
 * A scatter: the operand is copied, then each update is combined in, in row-major order. Updates and indices may
 * be computed on the way. `isStaged`: each of the two is a kernel.
 */
export function draftScatter(n: Extract<AnyNode, { op: "scatter" }>, scope: Scope, isStaged: boolean): BuiltLoops & { readonly loads: readonly Value[] } {
  if (n.attrs.reducer !== "set") checkWide(n);
  const pool = new ExprPool();
  const loads: Value[] = [];
  const argOf = (v: Value): number | undefined => {
    if (!scope.isLoaded(v)) return undefined;
    if (!loads.includes(v)) loads.push(v);
    return loads.indexOf(v);
  };
  const expander = new Expander({ pool, argOf, offsetOf: scope.offsetOf, counterOf: scope.counterOf, varsOf: () => { throw new Error("internal: a fold inside a scatter"); } });
  const [operand, updates, ...indices] = n.inputs;
  const at = (vars: readonly (LoopVar | undefined)[]): Index[] => vars.map((v) => (v ? pool.index.variable(v) : pool.index.constant(0)));
  const result = n.outputs[0];
  const copyVars = loopsOver(operand.type.shape, "c"), updateVars = loopsOver(updates.type.shape, "u");
  const copied = expander.expand(operand, at(copyVars));
  const updated = expander.expand(updates, at(updateVars));
  const target = expander.addressed(n, operand.type.shape, indices, n.attrs, at(updateVars));
  const arg = loads.length;
  const start = (i: Index): Index => pool.index.shift(i, scope.offsetOf(result));
  const copy: StoreSpec = { arg, domain: copyVars.filter((v) => v !== undefined), index: start(pool.index.linear(at(copyVars), operand.type.shape)), value: copied, mode: "set" };
  const update: StoreSpec = { arg, domain: updateVars.filter((v) => v !== undefined), index: start(pool.index.linear(target, operand.type.shape)), value: updated, mode: n.attrs.reducer };
  // one after the other: the updates must find the copy finished, and keep their order
  if (isStaged) {
    const first = loopsOf(scope.loops, copy, pool), second = loopsOf(scope.loops, update, pool, first.scratch.length, true);
    return { body: [], scratch: [...first.scratch, ...second.scratch], stages: [...first.stages, ...second.stages], loads };
  }
  return { body: [...loopsOf(plainLoops, copy, pool).body, ...asSequential(loopsOf(plainLoops, update, pool).body)], scratch: [], stages: [], loads };
}

/** Throws where elements would be compared or combined in memory that are halves: `simplify` has those in f32. */
function checkWide(n: AnyNode): void {
  if (isHalf(n.inputs[0].type.dtype)) throw new Error(`internal: ${n.op} of ${n.inputs[0].type.dtype}`);
}

/** Marks loops whose iterations may meet at one element. */
const asSequential = (body: readonly Stmt[]): Stmt[] =>
  body.map((s) => (s.kind === "loop" ? { ...s, parallel: false, body: asSequential(s.body) } : s));

/** Copies a value from one place to another. */
export function draftCopy(type: TensorType, from: Dim, to: Dim, builder: LoopBuilder): BuiltLoops {
  const pool = new ExprPool();
  const vars = loopsOver([dims.product(type.shape)], "i");
  const at = pool.index.linear(vars.map((v) => (v ? pool.index.variable(v) : pool.index.constant(0))), [dims.product(type.shape)]);
  const value = pool.make({ kind: "load", dtype: mathType(type.dtype), arg: 0, index: pool.index.shift(at, from) });
  return loopsOf(builder, { arg: 1, domain: vars.filter((v) => v !== undefined), index: pool.index.shift(at, to), value, mode: "set" }, pool);
}

export function sortSpec(n: Extract<AnyNode, { op: "sort" }>): SortSpec {
  checkWide(n);
  const shape = n.inputs[0].type.shape, { axis, descending } = n.attrs;
  return { outer: dims.product(shape.slice(0, axis)), length: shape[axis], inner: dims.product(shape.slice(axis + 1)), descending };
}
