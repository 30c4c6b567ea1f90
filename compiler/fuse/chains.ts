import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { isProduct } from "./kinds.ts";

/** A group, as far as chains are concerned. */
interface Part {
  readonly values: readonly Value[];
  readonly opaque: AnyNode | undefined;
}

export interface Parts<G extends Part> {
  readonly groups: Iterable<G>;
  readonly producers: ReadonlyMap<G, ReadonlySet<G>>;
  readonly consumers: ReadonlyMap<G, ReadonlySet<G>>;
  /** Whether the first computes an operand of a product in the second. */
  feedsProduct(from: G, to: G): boolean;
}

/**
 * Groups that could be one kernel in which products follow each other row by row, as attention's do: products that
 * nothing else reads, what is computed of them along a row, and the products that this is an operand of. In the order
 * in which they are computed.
 *
 * Only where that takes a matrix of scores out of memory which nobody has given: products of a batch, or with folds of
 * rows between them. A layer's product with its weights is better off in a kernel of its own, as its rows are long.
 */
export function chainsOf<G extends Part>(parts: Parts<G>): G[][] {
  const chains: G[][] = [], taken = new Set<G>();
  for (const g of parts.groups) {
    const chain = chainAround(g, parts);
    if (!chain || chain.some((x) => taken.has(x)) || leavesAndReturns(chain, parts)) continue;
    chains.push(chain);
    for (const x of chain) taken.add(x);
  }
  return chains;
}

/** The chain in whose middle a group is: what it is computed of, or is itself, feeds every product that reads it. */
function chainAround<G extends Part>(middle: G, { producers, consumers, feedsProduct }: Parts<G>): G[] | undefined {
  const last = [...consumers.get(middle)!];
  if (middle.opaque || last.length === 0 || !last.every((g) => hasProduct(g) && feedsProduct(middle, g))) return undefined;
  const first = [...producers.get(middle)!].filter((g) => hasProduct(g) && consumers.get(g)!.size === 1);
  const products = [...first, middle].flatMap((g) => g.values.map((v) => v.node as AnyNode).filter(isProduct));
  const isOfRows = middle.values.some((v) => v.node.op === "reduce") || products.some((n) => n.op === "dot" && n.attrs.batch.length > 0);
  return products.length > 0 && products.every((n) => n.op === "dot") && isOfRows ? [...first, middle, ...last] : undefined;
}

/** Whether something outside a chain needs a part of it and is needed by another. */
function leavesAndReturns<G extends Part>(chain: readonly G[], { consumers }: Parts<G>): boolean {
  const inside = new Set(chain), seen = new Set<G>();
  const stack = chain.flatMap((g) => [...consumers.get(g)!]).filter((g) => !inside.has(g));
  while (stack.length > 0) {
    const g = stack.pop()!;
    if (inside.has(g)) return true;
    if (seen.has(g)) continue;
    seen.add(g);
    stack.push(...consumers.get(g)!);
  }
  return false;
}

const hasProduct = (g: Part): boolean => g.values.some((v) => isProduct(v.node as AnyNode));
