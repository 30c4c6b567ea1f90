import type { OpName, AttrsOf } from "../ops/index.ts";
import type { TensorType } from "../types/index.ts";
import type { SourceLocation } from "./location.ts";

/**
 * The graph: values in single static assignment, immutable once built.
 *
 * There are no statement lists. A function is the values it returns; everything they reach is the function,
 * and anything they do not reach does not exist. Node ids grow, and a node is made after its inputs, so
 * ascending id is a topological order.
 */
export class Value {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly index: number;
  readonly type: TensorType;
  constructor(node: Node, index: number, type: TensorType) {
    this.node = node;
    this.index = index;
    this.type = type;
  }
}

export interface Node<K extends OpName = OpName> {
  readonly id: number;
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly attrs: AttrsOf<K>;
  readonly regions: readonly Region[];
  readonly outputs: readonly Value[];
  readonly at: SourceLocation | undefined;
}

/** A node whose `attrs` narrow with its `op` in a switch. */
export type AnyNode = { [K in OpName]: Node<K> }[OpName];

/**
 * The body of a control-flow op. Closed: it uses its own parameters and nothing of the graph around it, so a
 * pass can treat it as a function. (What a user's closure captures arrives as further parameters.)
 */
export interface Region {
  readonly params: readonly Value[];
  readonly results: readonly Value[];
}

/** A named function of a model: what it returns, and which variables it updates. */
export interface GraphFunction {
  readonly name: string;
  /** Values of op `input`, in declaration order. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  /** New values of variables; all are computed from the old ones, then written together. */
  readonly updates: readonly { readonly variable: string; readonly value: Value }[];
}

/** How a variable starts: a constant, a distribution drawn from the model's seed, or given data. */
export type Init =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly mean: number; readonly std: number }
  /** Normal numbers, drawn again where they are outside [low, high]. */
  | { readonly kind: "truncatedNormal"; readonly mean: number; readonly std: number; readonly low: number; readonly high: number }
  /** The tensor as a matrix `[first size, the others]` with orthonormal rows or columns, times `gain`. */
  | { readonly kind: "orthogonal"; readonly gain: number }
  | { readonly kind: "data"; readonly data: readonly number[] }
  /** A u32[2] key made of the seed that the model is loaded with: where random numbers start. */
  | { readonly kind: "seed" };

/** What lives between calls: a trained parameter, or state (a running mean, an optimizer's moment, a step count). */
export interface Variable {
  readonly name: string;
  readonly type: TensorType;
  readonly role: "parameter" | "state";
  readonly init: Init;
  readonly at: SourceLocation | undefined;
}

/** Bounds of a symbolic dimension, checked when a function is called. */
export interface SymbolRange {
  readonly min: number;
  readonly max?: number;
}

export interface Model {
  readonly name: string;
  readonly variables: readonly Variable[];
  readonly symbols: Readonly<Record<string, SymbolRange>>;
  readonly functions: readonly GraphFunction[];
}
