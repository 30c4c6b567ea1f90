/**
 * The primitive ops, all of them. Everything else a user calls is composed of these in `ir/`.
 * A table keyed by {@link OpName} with a missing entry does not compile: that is how a rule cannot be forgotten.
 */
import { arithmetic } from "./elementwise/arithmetic.ts";
import { comparison } from "./elementwise/comparison.ts";
import { convert, select } from "./elementwise/choice.ts";
import { random } from "./elementwise/random.ts";
import type { ScalarRecord } from "./elementwise/record.ts";
import { unary } from "./elementwise/unary.ts";
import { checkpoint, cond, custom, grad, jvp, scan, stopGradient, vjp, while_ } from "./control.ts";
import { dot } from "./contract.ts";
import { conv } from "./conv.ts";
import { gather, scatter } from "./indexing.ts";
import { barrier, broadcast, concat, pad, reshape, reverse, slice, transpose } from "./movement.ts";
import { cumulative, sort } from "./ordered.ts";
import { argReduceWindow, reduceWindow, unpool } from "./pooling.ts";
import { argReduce, reduce } from "./reduce.ts";
import { constant, dimension, input, iota, parameter, variable } from "./source.ts";
import type { OpRecord } from "./record.ts";

/** Ops that are one scalar function at every index. */
export const scalarRecords = { ...unary, ...arithmetic, ...comparison, ...random };
export type ScalarName = keyof typeof scalarRecords;
export const isScalarName = (name: string): name is ScalarName => name in scalarRecords;
export const scalarRow = (name: ScalarName) => (scalarRecords[name] as ScalarRecord).scalar;

export const ops = {
  input, variable, parameter, constant, iota, dimension,
  ...scalarRecords, select, convert,
  reshape, transpose, broadcast, slice, pad, concat, reverse, barrier,
  reduce, argReduce,
  dot, conv,
  reduceWindow, argReduceWindow, unpool,
  gather, scatter,
  cumulative, sort,
  cond, while: while_, scan, custom, checkpoint,
  stopGradient, grad, vjp, jvp,
};

export type OpName = keyof typeof ops;
export type AttrsOf<K extends OpName> = (typeof ops)[K] extends OpRecord<infer A> ? A : never;
/** Ops with records of their own: all but the scalar ones. Rule tables list these; scalar ops bring their rules along. */
export type StructuralName = Exclude<OpName, ScalarName>;

export * from "./record.ts";
export * from "./reduce.ts";
export { wholeAxes, type Addressing } from "./indexing.ts";
export { freeAxes, type AxisPairs } from "./contract.ts";
export { convAttrs, convAxes, convLeading, type ConvAttrs } from "./conv.ts";
export { poolAttrs, poolAxes, type PoolAttrs } from "./pooling.ts";
export { dilated, reversedWindows, windowCount, withCount, type WindowAxis } from "./window.ts";
export type { ScalarRow, ScalarRecord } from "./elementwise/record.ts";
