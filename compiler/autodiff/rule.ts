import { emit, type Node, type Value } from "../../ir/graph/index.ts";
import type { AttrsOf, OpName } from "../../ir/ops/index.ts";
import { isFloat } from "../../ir/types/index.ts";
import { zeros } from "./values.ts";

/** A cotangent or a tangent. Absent is zero: no tensor of zeros is made for a path that carries nothing. */
export type Maybe = Value | undefined;

/** What differentiating gives: one derivative for each value asked, and the nodes it wants replaced. */
export interface Derivatives {
  readonly values: readonly Maybe[];
  /**
   * Results of the differentiated graph that another node now computes too, along with what the derivative
   * needs. Whoever uses both graphs rewires these, or the work is done twice.
   */
  readonly superseded: ReadonlyMap<Value, Value>;
}

/** What a rule may ask of the pass that runs it. Rules of ops with regions differentiate those through it. */
export interface Pass {
  /** Cotangents of `wrt` for given cotangents of `ys`. */
  reverse(ys: readonly Value[], cotangents: readonly Maybe[], wrt: readonly Value[]): Derivatives;
  /** Tangents of `ys` for given tangents of `wrt`. */
  forward(ys: readonly Value[], wrt: readonly Value[], tangents: readonly Maybe[]): Derivatives;
  /** Declares that `by` are the results of `node`, computed by a node that computes more. */
  supersede(node: Node<OpName>, by: readonly Value[]): void;
}

/** How a derivative goes through one op. */
export interface Rule<K extends OpName> {
  /**
   * Reverse mode: cotangents of the operands, for cotangents of the results (at least one is there). Operands
   * that are not `wanted` may be left out.
   */
  vjp(node: Node<K>, cotangents: readonly Maybe[], wanted: readonly boolean[], pass: Pass): readonly Maybe[];
  /** Forward mode: tangents of the results, for tangents of the operands (at least one is there). */
  jvp(node: Node<K>, tangents: readonly Maybe[], pass: Pass): readonly Maybe[];
}

export type Rules<K extends OpName> = { readonly [P in K]: Rule<P> };

/** The rule of an op whose results carry no derivative: integers, bools, constants. */
export const noDerivative: Rule<OpName> = { vjp: () => [], jvp: () => [] };

/**
 * The rule of an op of one result that is linear in its float operands taken together: its tangent is the op
 * itself on their tangents; its cotangents are what `transposed` says.
 */
export function linear<K extends OpName>(transposed: (node: Node<K>, cotangent: Value, wanted: readonly boolean[]) => readonly Maybe[]): Rule<K> {
  return {
    vjp: (node, [cotangent], wanted) => transposed(node, cotangent!, wanted),
    jvp(node, tangents) {
      const inputs = node.inputs.map((x, i) => (isFloat(x.type.dtype) ? tangents[i] ?? zeros(x.type) : x));
      return emit(node.op, inputs, node.attrs as AttrsOf<K>);
    },
  };
}

