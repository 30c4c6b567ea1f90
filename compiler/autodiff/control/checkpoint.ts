import { emitOne, type Node, type Value } from "../../../ir/graph/index.ts";
import { rewire, substitute } from "../rewrite.ts";
import type { Derivatives, Maybe, Pass, Rule } from "../rule.ts";

type Checkpoint = Node<"checkpoint">;

/**
 * The body once more, differentiated: of the operands, which are kept anyway, and not before there are cotangents to
 * carry back. The barriers say so; without them the two bodies would be found to be the same.
 */
function vjp({ inputs, regions: [{ params, results }] }: Checkpoint, given: readonly Maybe[], wanted: readonly boolean[], pass: Pass): readonly Maybe[] {
  const cotangents = given.filter((ct) => ct !== undefined);
  const again = inputs.map((x) => emitOne("barrier", [x, ...cotangents], {}));
  const derived = applied(pass.reverse(results, given, params.filter((_, i) => wanted[i])), params, again, cotangents);
  let next = 0;
  return inputs.map((_, i) => (wanted[i] ? derived[next++] : undefined));
}

/** Tangents go along with the values and keep nothing: those of the body. */
function jvp({ inputs, regions: [{ params, results }] }: Checkpoint, tangents: readonly Maybe[], pass: Pass): readonly Maybe[] {
  const given = tangents.filter((t) => t !== undefined);
  return applied(pass.forward(results, params.filter((_, i) => tangents[i]), given), params, inputs, given);
}

/** Derivatives of a region with arguments in the places of its parameters. Nothing is replaced in the derivatives `given`. */
function applied({ values, superseded }: Derivatives, params: readonly Value[], args: readonly Value[], given: readonly Value[]): Maybe[] {
  const found = rewire(values.filter((v) => v !== undefined), superseded);
  const images = new Map([...params.map((p, i) => [p, args[i]] as const), ...given.map((v) => [v, v] as const)]);
  const inPlace = substitute(found, images);
  let next = 0;
  return values.map((v) => v && inPlace[next++]);
}

export const checkpoint: Rule<"checkpoint"> = { vjp, jvp };
