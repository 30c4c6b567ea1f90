import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { dims, type Dim } from "../../ir/types/index.ts";
import { hasProduct, type Group } from "./group.ts";
import { isProduct } from "./kinds.ts";

/** A group, as far as chains are concerned. */
type Part = Readonly<Pick<Group, "values" | "opaque">>;

export interface Parts<G extends Part> {
  readonly groups: Iterable<G>;
  readonly consumers: ReadonlyMap<G, ReadonlySet<G>>;
  groupOf(v: Value): G | undefined;
  /** Values in memory that a group is computed of. */
  readsOf(g: G): ReadonlySet<Value>;
  /** Whether a group has a product that a value is an operand of. */
  multiplies(g: G, v: Value): boolean;
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
    const chain = taken.has(g) ? undefined : chainThrough(g, parts);
    if (!chain || chain.some((x) => taken.has(x)) || leavesAndReturns(chain, parts)) continue;
    chains.push(chain);
    for (const x of chain) taken.add(x);
  }
  return chains;
}

/**
 * The chain that a group hands an operand of its last products to. What is computed on the way there, its rows, is read
 * by nothing but the chain, but for what there is one of for a row; what it is computed of is part of the chain where it
 * comes of a product, and is read from memory else.
 */
function chainThrough<G extends Part>(from: G, { consumers, groupOf, readsOf, multiplies }: Parts<G>): G[] | undefined {
  const handed = from.values.find((v) => [...consumers.get(from)!].some((g) => multiplies(g, v)));
  if (!handed) return undefined;
  const rows = new Set<G>(), last = new Set<G>(), stack = [from];
  const size = sizeOf(handed), isScores = (v: Value): boolean => sizeOf(v) === size;
  const known = new Map<G, boolean>(); // paths through a graph are many more than its groups
  const comesOfProduct = (g: G): boolean => {
    const told = known.get(g) ?? (hasProduct(g) || [...readsOf(g)].some((v) => isScores(v) && !multiplies(g, v) && isInRows(v)));
    known.set(g, told);
    return told;
  };
  const isInRows = (v: Value): boolean => { const g = groupOf(v); return g !== undefined && comesOfProduct(g); };
  while (stack.length > 0) {
    const g = stack.pop()!;
    if (rows.has(g)) continue;
    if (g.opaque) return undefined;
    rows.add(g);
    for (const v of g.values.filter(isScores))
      for (const r of consumers.get(g)!) {
        if (multiplies(r, v)) last.add(r);
        else if (readsOf(r).has(v)) stack.push(r);
      }
    for (const v of readsOf(g)) if (isScores(v) && !multiplies(g, v) && isInRows(v)) stack.push(groupOf(v)!);
  }
  if ([...last].some((g) => rows.has(g))) return undefined;
  const products = productsOf(rows), isOfRows = [...rows].some((g) => g.values.some((v) => v.node.op === "reduce"));
  if (products.length === 0 || !(isOfRows || products.some((n) => n.op === "dot" && n.attrs.batch.length > 0))) return undefined;
  return [...products, ...productsOf(last)].every((n) => n.op === "dot") ? [...inOrder(rows), ...inOrder(last)] : undefined;
}

const sizeOf = (v: Value): Dim => dims.product(v.type.shape);
const productsOf = (groups: Iterable<Part>): AnyNode[] => [...groups].flatMap((g) => g.values.map((v) => v.node as AnyNode).filter(isProduct));
const inOrder = <G extends Part>(groups: Iterable<G>): G[] => [...groups].sort((a, b) => a.values[0].node.id - b.values[0].node.id);

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
