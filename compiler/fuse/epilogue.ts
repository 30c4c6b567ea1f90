import type { AnyNode, Value } from "../../ir/graph/index.ts";
import { byteSize, sameShape } from "../../ir/types/index.ts";
import { isScalarName } from "../../ir/ops/index.ts";
import { isAnchor } from "./kinds.ts";

const isElementwise = (n: AnyNode): boolean => isScalarName(n.op) || n.op === "select" || n.op === "convert";

/**
 * What a fold's kernel stores in place of the fold: a sum with its bias and residual, where several others need that and
 * nobody the bare fold. It takes the same memory, and the others neither load the bias and the residual nor add them again.
 *
 * Gives the fold and what stands for it. `isStored` tells what is in memory whatever is decided here.
 */
export function epilogues(nodes: readonly AnyNode[], users: ReadonlyMap<Value, readonly AnyNode[]>, isStored: (v: Value) => boolean): (readonly [fold: Value, instead: Value])[] {
  return nodes.filter(isAnchor).flatMap(({ outputs: [fold] }) => {
    let v = fold;
    for (let [user, ...others] = users.get(v) ?? []; user && others.length === 0; [user, ...others] = users.get(v) ?? []) {
      const [next] = user.outputs;
      if (!isElementwise(user) || !sameShape(next.type.shape, fold.type.shape) || isStored(next)) return [];
      v = next;
    }
    return v !== fold && (users.get(v)?.length ?? 0) > 1 && byteSize[v.type.dtype] <= byteSize[fold.type.dtype] ? [[fold, v] as const] : [];
  });
}
