import { capturesOf, close, slotOf, trace, type Traced } from "../control/region.ts";
import { flatten, tensorsOf, valuesOf, type Structure } from "../control/structure.ts";
import { emit } from "../graph/build.ts";
import { check } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import { full } from "../tensor/broadcast.ts";
import { Tensor } from "../tensor/tensor.ts";
import { sameType, typeText } from "../types/index.ts";
import { nameOf } from "./derivatives.ts";

/** What a derivative may look at besides the cotangents. */
export interface CustomContext<A, R> {
  readonly operands: A;
  readonly results: R;
}

export interface CustomDefinition<A extends readonly Tensor[], R extends Structure> {
  /** Shown in the printed graph and in errors. */
  readonly name: string;
  forward(...operands: A): R;
  /**
   * Gets the cotangents in the structure of the results, and returns one for each operand, of its dtype and shape;
   * null for an operand whose derivative is zero. With one operand, the bare tensor will do.
   */
  backward(cotangents: R, context: CustomContext<A, R>): Tensor | null | readonly (Tensor | null)[];
}

/**
 * A function with a derivative of your own, in place of the chain rule's (PyTorch's `autograd.Function`):
 *
 * ```ts
 * const clippedExp = custom({
 *   name: "clippedExp",
 *   forward: (x: Tensor) => x.exp(),
 *   backward: (g, { results }) => g.mul(results.minimum(10)),
 * });
 * ```
 *
 * Both functions get everything they use as operands (constants apart): a tensor taken from around them would get no
 * derivative, so it is an error. Both are traced anew at each call, on the operands' dtypes and shapes.
 */
export function custom<A extends readonly Tensor[], R extends Structure>(definition: CustomDefinition<A, R>): (...operands: A) => R {
  const { name } = definition;
  return (...operands) => {
    const types = operands.map((x) => x.value.type);
    let results: unknown;
    const forward = trace(types, (params) => {
      results = definition.forward(...(tensorsOf(params) as unknown as A));
      return valuesOf(flatten(results, `what ${name} returns`).leaves);
    });
    const shape = flatten(results as R, name), resultTypes = forward.results.map((v) => v.type);
    const backward = trace([...types, ...resultTypes, ...resultTypes], (params) => {
      const given = tensorsOf(params), n = types.length, r = resultTypes.length;
      const returned = definition.backward(shape.rebuild(given.slice(n + r)), {
        operands: given.slice(0, n) as unknown as A, results: shape.rebuild(given.slice(n, n + r)),
      });
      return cotangentsOf(name, returned, operands);
    });
    return shape.rebuild(tensorsOf(emit("custom", operands.map((x) => x.value), { name }, [region(name, forward), region(`${name}'s derivative`, backward)])));
  };
}

/** What `backward` returned, one value for each operand. */
function cotangentsOf(name: string, returned: Tensor | null | readonly (Tensor | null)[], operands: readonly Tensor[]): Value[] {
  const list: readonly (Tensor | null)[] = returned === null || returned instanceof Tensor ? [returned] : returned;
  check(Array.isArray(list) && list.length === operands.length, () => `the derivative of ${name} returns ${Array.isArray(list) ? list.length : "no"} cotangents, but ${name} takes ${operands.length} operands`,
    "return one cotangent for each operand, null where it is zero");
  return operands.map((x, i) => {
    const g = list[i];
    if (g === null) return full(0, x.dtype, x.shape);
    check(sameType(g.value.type, x.value.type), () => `the derivative of ${name} returns ${typeText(g.value.type)} for operand ${i}, which is ${typeText(x.value.type)}`, "a cotangent has the dtype and shape of its operand");
    return g.value;
  });
}

/** Closes a traced body that may use nothing around it but constants. */
function region(name: string, body: Traced): ReturnType<typeof close> {
  const [state] = body.frame.entry.keys();
  check(!state, () => `${name} uses the state ${nameOf(state)}`, "pass it as an operand");
  for (const v of capturesOf([body], "lazy"))
    check(isConstant(v), () => `${name} uses ${nameOf(v)} from around it`, "pass it as an operand, so that it gets a derivative too (null where that is zero)");
  return close(body.params.map(slotOf), body.results);
}

const isConstant = (v: Value): boolean =>
  reachable([v]).every(({ op }) => op !== "input" && op !== "variable" && op !== "parameter");
