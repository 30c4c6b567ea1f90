import { dims, type Dim } from "../../../ir/types/index.ts";
import { visitIndex } from "../affine.ts";
import type { Computation } from "../builder.ts";
import type { Expr, Index, LoopVar, Stmt, StoreSpec } from "../ir.ts";
import { schedule } from "../schedule.ts";
import type { Product } from "./product.ts";

/** A folded loop this long needs no company. */
const longEnough = 32;
/** Offsets kept at most: they should stay in the first cache beside what they lead to. */
const longestTable = 2048;

/**
 * Folds that run over several short loops (channels, then the rows and columns of a small kernel) run over one: what
 * an operand's address does at each step is looked up in a table of offsets, made first. Starting a loop costs as
 * much as several steps of one.
 *
 * Gives the stores with one fold variable for the innermost ones, and the statements that fill the tables; undefined
 * where there is nothing to join.
 */
export function joinFolds(c: Computation, { fold }: Product): { readonly stores: readonly StoreSpec[]; readonly tables: readonly Stmt[] } | undefined {
  const { pool } = c, joined = innermost(fold.vars);
  if (joined.length < 2) return undefined;
  const extents = joined.map((v) => v.extent);
  const one: LoopVar = { name: joined.map((v) => v.name).join(""), extent: dims.product(extents) };
  const parts = pool.index.delinear(pool.index.variable(one), extents);
  const to = new Map(joined.map((v, i) => [v.name, parts[i]]));
  const names = new Set(joined.map((v) => v.name));

  const tables = new Map<string, Expr>(), fill: StoreSpec[] = [];
  /** The index with the joined loops as one: a plain step where it goes evenly, else a look-up. */
  const indexOf = (x: Index): Index | undefined => {
    const part = (keep: boolean): Index => {
      const terms = x.terms.filter((t) => dependsOn(t.atom, names) === keep);
      return pool.index.add(pool.index.constant(keep ? 0 : x.offset), ...terms.map((t) => pool.index.scale(pool.index.ofAtom(t.atom), t.stride)));
    };
    const moving = part(true), still = part(false);
    const reach = extentOf(moving);
    const along = pool.index.substitute(moving, to, (e) => e);
    if (along.terms.length === 0 || (along.terms.length === 1 && along.terms[0].atom.kind === "var")) return pool.index.add(still, along);
    if (reach === undefined) return undefined;
    let offset = tables.get(along.key);
    if (!offset) {
      const arg = c.scratch("offsets", "i32", one.extent), at = pool.index.variable(one);
      fill.push({ arg, domain: [one], index: at, value: pool.make({ kind: "index", dtype: "i32", index: along }), mode: "set" });
      tables.set(along.key, (offset = pool.make({ kind: "load", dtype: "i32", arg, index: at })));
    }
    return pool.index.add(still, pool.index.data(offset, reach));
  };
  if (fold.body.kind !== "scalar") return undefined;
  const operands: Expr[] = [];
  for (const e of fold.body.args) {
    if (e.kind !== "load") return undefined;
    const index = indexOf(e.index);
    if (!index) return undefined;
    operands.push(pool.make({ ...e, index }));
  }
  const replacement = pool.make({ ...fold, vars: [...fold.vars.slice(0, fold.vars.length - joined.length), one], body: pool.make({ ...fold.body, args: operands }) });
  const stores = c.stores.map((s): StoreSpec => ({ ...s, value: pool.rewrite(s.value, new Map(), (e) => (e === fold ? replacement : undefined), new Map()) }));
  const statements = fill.length > 0 ? schedule(fill, pool, new Map(), { whole: true }) : [];
  return typeof statements === "string" ? undefined : { stores, tables: statements };
}

/** The innermost loops, as many as one table can cover, if the very innermost is short. */
function innermost(vars: readonly LoopVar[]): LoopVar[] {
  const last = vars.at(-1);
  if (!last || typeof last.extent !== "number" || last.extent >= longEnough) return [];
  const joined: LoopVar[] = [];
  let size = 1;
  for (const v of [...vars].reverse()) {
    if (typeof v.extent !== "number" || (size *= v.extent) > longestTable) break;
    joined.unshift(v);
  }
  return joined;
}

function dependsOn(atom: Index["terms"][number]["atom"], names: ReadonlySet<string>): boolean {
  if (atom.kind === "var") return names.has(atom.var.name);
  let found = false;
  if (atom.kind !== "data") visitIndex(atom.of, (v) => { found ||= names.has(v.name); }, () => {});
  return found;
}

/** How many values an index without an offset can take, if it only goes up with its loops. */
function extentOf(x: Index): Dim | undefined {
  let top: Dim = 0;
  for (const { atom, stride } of x.terms) {
    if (atom.kind !== "var" || dims.atLeast(stride, 0) !== true) return undefined;
    top = dims.add(top, dims.mul(stride, dims.sub(atom.var.extent, 1)));
  }
  return dims.add(top, 1);
}
