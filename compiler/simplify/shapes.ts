import type { Value } from "../../ir/graph/index.ts";
import { sameShape, type Dim, type Shape } from "../../ir/types/index.ts";
import type { Builder } from "./rule.ts";

/** What movement rules share: shapes up to axes of size 1, and the ops that do nothing when there is nothing to do. */

/** Axes that are not of size 1. A symbolic axis is one of these, whatever its value. */
export const wideAxes = (shape: Shape): number[] => shape.flatMap((d, i) => (d === 1 ? [] : [i]));

/** Whether two shapes differ in axes of size 1 only: then wide axes correspond, one by one. */
export function sameWideAxes(a: Shape, b: Shape): boolean {
  return sameShape(a.filter((d) => d !== 1), b.filter((d) => d !== 1));
}

/** For shapes that differ in axes of size 1 only: the axis of `b` that a wide axis of `a` is. */
export function wideAxisMap(a: Shape, b: Shape): (axis: number) => number {
  const to = wideAxes(b), place = new Map(wideAxes(a).map((axis, i) => [axis, to[i]]));
  return (axis) => place.get(axis)!;
}

export const isIncreasing = (list: readonly number[]): boolean => list.every((x, i) => i === 0 || list[i - 1] < x);

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export const reshaped = (build: Builder, x: Value, shape: Shape): Value =>
  (sameShape(x.type.shape, shape) ? x : build.make("reshape", [x], { shape }));

export const transposed = (build: Builder, x: Value, perm: readonly number[]): Value =>
  (isIncreasing(perm) ? x : build.make("transpose", [x], { perm }));

export const broadcasted = (build: Builder, x: Value, shape: Shape, axes: readonly number[]): Value =>
  (axes.length === shape.length ? x : build.make("broadcast", [x], { shape, axes }));

/** `start <= index < limit` along one axis. */
export function slicedAxis(build: Builder, x: Value, axis: number, start: Dim, limit: Dim): Value {
  const { shape } = x.type;
  return build.make("slice", [x], {
    start: shape.map((_, i) => (i === axis ? start : 0)),
    limit: shape.map((d, i) => (i === axis ? limit : d)),
    step: shape.map(() => 1),
  });
}
