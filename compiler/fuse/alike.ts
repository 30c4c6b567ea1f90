import type { AnyNode, Value } from "../../ir/graph/index.ts";
import type { Group } from "./group.ts";
import { isAnchor } from "./kinds.ts";

/** A graph of groups, as far as it is asked here. */
export interface Groups {
  readonly groups: Iterable<Group>;
  readonly producers: ReadonlyMap<Group, ReadonlySet<Group>>;
  /** Tensors that other groups have stored and that a group reads. */
  readsOf(g: Group): ReadonlySet<Value>;
}

/**
 * Pairs of groups that sum columns over the same rows though they share no tensor, as the gradients of biases do: one
 * kernel for both costs no byte more. A pair is named only where nothing is kept in memory for longer, as all that the
 * first reads is read by the second, or by what the second is made of.
 */
export function foldsAlike({ groups, producers, readsOf }: Groups): (readonly [Group, Group])[] {
  const byLoops = new Map<string, Group[]>();
  for (const g of groups) {
    const loops = loopsOf(g);
    if (loops !== undefined) byLoops.set(loops, [...(byLoops.get(loops) ?? []), g]);
  }
  const isKept = (a: Group, b: Group): boolean => {
    const near = new Set([b, ...producers.get(b)!].flatMap((g) => [...readsOf(g)]));
    return [...readsOf(a)].every((v) => near.has(v));
  };
  return [...byLoops.values()].flatMap((alike) => alike.flatMap((a) => alike.filter((b) => a !== b && isKept(a, b)).map((b) => [a, b] as const)));
}

/** The loops of a group's sums of columns, as a text; undefined where they differ, or where it has others. */
function loopsOf({ values, opaque }: Group): string | undefined {
  const folds = values.map((v) => v.node as AnyNode).filter(isAnchor);
  const texts = new Set(folds.map((n) => {
    if (n.op !== "reduce") return undefined;
    const { shape } = n.inputs[0].type;
    return n.attrs.axes.includes(shape.length - 1) ? undefined : `${shape.join()} over ${n.attrs.axes.join()}`;
  }));
  return opaque || texts.size !== 1 ? undefined : [...texts][0];
}
