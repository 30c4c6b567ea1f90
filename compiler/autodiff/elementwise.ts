import type { Node, Value } from "../../ir/graph/index.ts";
import { scalarRow, type ScalarName } from "../../ir/ops/index.ts";
import { isFloat } from "../../ir/types/index.ts";
import { Tensor } from "../../ir/tensor/tensor.ts";
import { linear, type Maybe, type Rule, type Rules } from "./rule.ts";
import { add, convert, div, mul, neg, select, uniform, zeros } from "./values.ts";

/**
 * A derivative times a partial derivative. Divides where the partial is a reciprocal, and multiplies inside the
 * chosen branch where the partial is masked: a masked zero stays zero even against an infinite derivative.
 */
function scale(d: Value, partial: Value): Maybe {
  const { op, inputs } = partial.node;
  if (uniform(partial) === 0) return undefined;
  if (op === "neg" && uniform(inputs[0]) === 1) return neg(d);
  if (op === "reciprocal") return div(d, inputs[0]);
  if (op === "select" && inputs.slice(1).some((v) => uniform(v) === 0)) {
    const [pred, a, b] = inputs;
    const inside = (v: Value): Value => scale(d, v) ?? zeros(d.type);
    return select(pred, inside(a), inside(b));
  }
  return mul(d, partial);
}

/** The partial derivative of a scalar op to operand `i`, from its row; undefined where it is zero everywhere. */
function partialOf(node: Node<ScalarName>, i: number): Maybe {
  const partial = scalarRow(node.op).partials?.[i];
  return partial?.(node.inputs.map((v) => new Tensor(v)), new Tensor(node.outputs[0])).value;
}

/** Scalar ops bring their partial derivatives along: both modes are products with them. */
export const scalar: Rule<ScalarName> = {
  vjp: (node, [cotangent], wanted) => node.inputs.map((_, i) => {
    const partial = wanted[i] ? partialOf(node, i) : undefined;
    return partial && scale(cotangent!, partial);
  }),
  jvp(node, tangents) {
    let total: Maybe;
    for (const [i, tangent] of tangents.entries()) {
      const partial = tangent && partialOf(node, i);
      const term = partial && scale(tangent, partial);
      if (term) total = total ? add(total, term) : term;
    }
    return [total];
  },
};

export const elementwise: Rules<"select" | "convert"> = {
  /** The branch not taken gets an exact zero, whatever the cotangent is. */
  select: linear(({ inputs: [pred] }, ct, [, a, b]) => [
    undefined, a ? select(pred, ct, zeros(ct.type)) : undefined, b ? select(pred, zeros(ct.type), ct) : undefined,
  ]),

  /** Between floats, the derivative is converted; through an integer or a bool nothing passes. */
  convert: {
    vjp: ({ inputs: [x] }, [ct]) => [isFloat(x.type.dtype) ? convert(ct!, x.type.dtype) : undefined],
    jvp: ({ attrs: { dtype } }, [tangent]) => [isFloat(dtype) && tangent ? convert(tangent, dtype) : undefined],
  },
};
