import { check, GraphError } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Dim, Shape } from "../types/index.ts";

/**
 * A tensor, or a tuple or record of structures: what a loop carries and a derivative is taken by. Up to four deep, as
 * TypeScript gives up on mapping a type without an end; what runs has no limit.
 */
export type Structure = Tensor | Group<Tensor | Group<Tensor | Group<Tensor | Group<Tensor>>>>;
type Group<T> = readonly T[] | { readonly [name: string]: T };

/** The same structure with tensors of any type: what a body may return where the graph checks the types. */
export type Loose<T> = T extends Tensor ? Tensor : { readonly [K in keyof T]: Loose<T[K]> };

/** The same structure with each tensor's first dimension taken off: a row of what is scanned. */
export type Row<T> = T extends null ? null : T extends Tensor<infer S, infer D> ? Tensor<Tail<S>, D> : { readonly [K in keyof T]: Row<T[K]> };
type Tail<S extends Shape> = S extends readonly [Dim, ...infer R extends Shape] ? R : Shape;

/** The same structure with a dimension put before the others: rows, stacked. */
export type Stacked<T> = T extends null ? null : T extends Tensor<infer S, infer D> ? Tensor<readonly [Dim, ...S], D> : { readonly [K in keyof T]: Stacked<T[K]> };

/** The tensors of a structure in order, and how to put others in their places. */
export interface Flat<T> {
  readonly leaves: readonly Tensor[];
  rebuild(leaves: readonly Tensor[]): T;
}

/** Takes a structure apart. `what` names it in the error for anything that is no tensor, tuple or record. */
export function flatten<T>(structure: T, what: string): Flat<T> {
  const leaves: Tensor[] = [];
  collect(structure, what, leaves);
  return {
    leaves,
    rebuild(others) {
      let next = 0;
      return replace(structure, () => others[next++]) as T;
    },
  };
}

export const valuesOf = (leaves: readonly Tensor[]): Value[] => leaves.map((t) => t.value);
export const tensorsOf = (values: readonly Value[]): Tensor[] => values.map((v) => new Tensor(v));

function collect(x: unknown, what: string, into: Tensor[]): void {
  if (x instanceof Tensor) into.push(x);
  else if (Array.isArray(x)) for (const [i, item] of x.entries()) collect(item, `${what}[${i}]`, into);
  else if (isRecord(x)) for (const [key, item] of Object.entries(x)) collect(item, `${what}.${key}`, into);
  else throw new GraphError(`${what} is ${describe(x)}; it must be a tensor, or a tuple or record of tensors`);
}

function replace(x: unknown, next: () => Tensor): unknown {
  if (x instanceof Tensor) return next();
  if (Array.isArray(x)) return x.map((item) => replace(item, next));
  return Object.fromEntries(Object.entries(x as object).map(([key, item]) => [key, replace(item, next)]));
}

/** Throws unless `got` has the tuples and record keys of `want`; returns the leaves of `got` in the order of `want`. */
export function leavesLike(want: unknown, got: unknown, what: string): Tensor[] {
  if (want instanceof Tensor) {
    check(got instanceof Tensor, () => `${what} is ${describe(got)}; it must be a tensor`);
    return [got];
  }
  if (Array.isArray(want)) {
    check(Array.isArray(got) && got.length === want.length, () => `${what} is ${describe(got)}; it must be a tuple of ${want.length}`);
    return want.flatMap((w, i) => leavesLike(w, got[i], `${what}[${i}]`));
  }
  const keys = Object.keys(want as object);
  check(isRecord(got) && Object.keys(got).length === keys.length && keys.every((k) => k in got), () =>
    `${what} is ${describe(got)}; it must be a record of ${keys.join(", ")}`);
  return keys.flatMap((k) => leavesLike((want as Record<string, unknown>)[k], got[k], `${what}.${k}`));
}

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && !(x instanceof Tensor) && !Array.isArray(x) && (Object.getPrototypeOf(x) === Object.prototype || Object.getPrototypeOf(x) === null);

function describe(x: unknown): string {
  if (x instanceof Tensor) return "a tensor";
  if (Array.isArray(x)) return `a tuple of ${x.length}`;
  if (isRecord(x)) return `a record of ${Object.keys(x).join(", ") || "nothing"}`;
  return x === null ? "null" : typeof x === "object" ? `an instance of ${x.constructor?.name ?? "a class"}` : typeof x === "undefined" ? "undefined" : `a ${typeof x}`;
}
