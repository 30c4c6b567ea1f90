import { leavesLike, flatten, tensorsOf, valuesOf, type Loose, type Structure } from "../control/structure.ts";
import { emit, emitOne } from "../graph/build.ts";
import { check, GraphError } from "../graph/error.ts";
import { locationText } from "../graph/location.ts";
import type { AnyNode, Value } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isFloat, typeText } from "../types/index.ts";

export interface DerivativeOptions {
  /** Gives zeros for what the differentiated value does not depend on. Without it, that is an error: it is mostly a mistake. */
  readonly allowUnused?: boolean;
}

/**
 * Derivative of the scalar `y` by each tensor of `wrt` (a tensor, tuple or record), in the structure of `wrt`:
 *
 * ```ts
 * const [gw, gb] = grad(loss, [w, b]);
 * ```
 *
 * It counts every way in which `y` depends on a tensor. The result is an ordinary tensor, so it can be differentiated
 * again. Throws where `y` is no float scalar, where a tensor of `wrt` is no float, and where `y` does not depend on it.
 */
export function grad<const W extends Structure>(y: Tensor, wrt: W, options?: DerivativeOptions): W {
  const by = flatten(wrt, "grad: what the derivative is taken by");
  check(y.rank === 0, () => `grad needs a scalar, and this is ${typeText(y.value.type)}`, "reduce it with .sum() or .mean(), or use vjp with a cotangent of its shape");
  checkUsed("grad", [y], by.leaves, options);
  return by.rebuild(tensorsOf(emit("grad", [y.value, ...valuesOf(by.leaves)], {})));
}

/**
 * Evaluates `f(...operands)`, a scalar, and its derivative by each operand: `const [loss, [gw, gb]] = valueAndGrad(f, w, b)`.
 */
export function valueAndGrad<const A extends readonly Tensor[], Y extends Tensor>(f: (...operands: A) => Y, ...operands: A): [Y, A] {
  const y = f(...operands);
  return [y, grad(y, operands)];
}

/**
 * Vector-Jacobian product (reverse mode): `Σ cotangent · ∂y/∂w` over all of `ys`, for each tensor of `wrt`, in the
 * structure of `wrt`. `cotangents` has the structure of `ys`, and its dtypes and shapes.
 */
export function vjp<const Y extends Structure, const W extends Structure>(ys: Y, wrt: W, cotangents: Loose<Y>, options?: DerivativeOptions): W {
  const of = flatten(ys, "vjp: what is differentiated"), by = flatten(wrt, "vjp: what the derivative is taken by");
  const given = leavesLike(ys, cotangents, "vjp: the cotangents");
  checkUsed("vjp", of.leaves, by.leaves, options);
  return by.rebuild(tensorsOf(emit("vjp", valuesOf([...of.leaves, ...given, ...by.leaves]), { outputs: of.leaves.length })));
}

/**
 * Jacobian-vector product (forward mode): `Σ ∂y/∂w · tangent` over all of `wrt`, for each tensor of `ys`, in the
 * structure of `ys`. `tangents` has the structure of `wrt`, and its dtypes and shapes.
 */
export function jvp<const Y extends Structure, const W extends Structure>(ys: Y, wrt: W, tangents: Loose<W>, options?: DerivativeOptions): Y {
  const of = flatten(ys, "jvp: what is differentiated"), by = flatten(wrt, "jvp: what the derivative is taken by");
  const given = leavesLike(wrt, tangents, "jvp: the tangents");
  checkUsed("jvp", of.leaves, by.leaves, options);
  return of.rebuild(tensorsOf(emit("jvp", valuesOf([...of.leaves, ...by.leaves, ...given]), { outputs: of.leaves.length })));
}

/** The tensor, as a constant for every derivative (PyTorch's `detach`). */
export function stopGradient<T extends Tensor>(x: T): T {
  return new Tensor(emitOne("stopGradient", [x.value], {})) as T;
}

function checkUsed(name: string, ys: readonly Tensor[], wrt: readonly Tensor[], { allowUnused = false }: DerivativeOptions = {}): void {
  check(ys.length > 0 && wrt.length > 0, () => `${name} of ${ys.length} tensors by ${wrt.length}`, "give at least one of each");
  for (const t of [...ys, ...wrt]) check(isFloat(t.dtype), () => `${name} of or by ${typeText(t.value.type)}: only floats have derivatives`);
  if (allowUnused) return;
  const used = influences(valuesOf(ys));
  for (const w of wrt)
    if (!used.has(w.value))
      throw new GraphError(`${name}: the derivative by ${nameOf(w.value)} is asked for, but nothing differentiated depends on it`,
        "differentiate by the very tensor that was used; or pass { allowUnused: true } to get zeros");
}

/** Values that a derivative of `ys` can be non-zero by: they reach `ys` through floats, and not through stopGradient. */
export function influences(ys: readonly Value[]): Set<Value> {
  const met = new Set(ys);
  for (const node of reachable(ys).reverse()) {
    if (node.op === "stopGradient" || !node.outputs.some((v) => met.has(v))) continue;
    for (const v of node.inputs) if (isFloat(v.type.dtype)) met.add(v);
  }
  return met;
}

/** A value as a message calls it. */
export function nameOf({ node, type }: Value): string {
  const { op, attrs, at } = node as AnyNode;
  const where = at ? ` (${locationText(at)})` : "";
  return op === "input" || op === "variable" ? `"${attrs.name}", ${typeText(type)}` : `the result of ${op}${where}, ${typeText(type)}`;
}
