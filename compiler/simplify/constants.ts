import type { Value } from "../../ir/graph/index.ts";
import { roundTo, type Dim, type TensorType } from "../../ir/types/index.ts";
import { from, type Builder } from "./rule.ts";

/** The number that every element of a value is, where it is a constant of one number. */
export function splatOf(v: Value): number | undefined {
  const node = from(v, "constant");
  return node && typeof node.attrs.data === "number" ? roundTo(node.attrs.dtype, node.attrs.data) : undefined;
}

/** Whether every element is the given number; 0 stands for −0 as well. */
export const isSplat = (v: Value, value: number): boolean => splatOf(v) === value;

/** A constant of one number. */
export const splat = (build: Builder, value: number, { dtype, shape }: TensorType): Value =>
  build.make("constant", [], { dtype, shape, data: value });

/** The value of a dimension as a tensor of the given type. */
export function sizeAs(build: Builder, size: Dim, type: TensorType): Value {
  if (typeof size === "number") return splat(build, roundTo(type.dtype, size), type);
  const scalar = build.make("convert", [build.make("dimension", [], { size })], { dtype: type.dtype });
  return build.make("broadcast", [scalar], { shape: type.shape, axes: [] });
}
