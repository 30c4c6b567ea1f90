import { scan } from "../control/scan.ts";
import { check } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { DType, Shape } from "../types/index.ts";
import { columnAt, identity, isEmpty, matrixOf, rowAt, rowNumbers, text } from "./matrix.ts";

/** QR by Householder's reflections. */

const t = (a: Tensor): Tensor => a.transpose(-2, -1);

/**
 * `A = Q·R` with `Q` square: one reflection `I - τ·v·vᵀ` a column (Golub & Van Loan, 5.2), with LAPACK's signs: a column
 * that is already zero below the diagonal is left as it is. A composition, so the chain rule goes through it.
 */
export function reflect(a: Tensor): readonly [q: Tensor, r: Tensor] {
  const [m, n] = a.shape.slice(-2), rows = rowNumbers(m);
  const steps = typeof m === "number" && typeof n === "number" ? Math.min(m, n) : n;
  const initial: readonly [Tensor, Tensor] = [identity(m, a.dtype).expand([...a.shape.slice(0, -2), m, m]), a];
  if (isEmpty(a)) return initial;
  const [[q, r]] = scan(([q, r]: typeof initial, _: null, step: Tensor): readonly [typeof initial, null] => {
    const whole = columnAt(r, step), size = rows.ge(step).where(whole, 0).abs().amax(-2, true).stopGradient();
    const column = whole.div(size.eq(0).where(1, size)); // a reflection is that of any multiple: squares neither overflow nor vanish
    const alpha = rowAt(column, step), below = rows.gt(step).where(column, 0), rest = below.square().sum(-2, true), isDone = rest.eq(0);
    const length = isDone.where(1, alpha.square().add(rest)).sqrt();
    const beta = alpha.ge(0).where(length.neg(), length);
    const tau = isDone.where(0, beta.sub(alpha).div(beta));
    const v = rows.eq(step).where(1, below.div(isDone.where(1, alpha.sub(beta))));
    const reflected = r.sub(v.mul(tau).mul(t(v).matmul(r)));
    return [[q.sub(q.matmul(v).mul(tau).mul(t(v))), reflected], null];
  }, initial, null, { length: steps });
  return [q, r.triu()];
}

/**
 * `A = Q·R` of `[…, m, n]`: orthonormal columns and an upper triangle. `"reduced"` (unless given) gives `[…, m, k]` and
 * `[…, k, n]`, k the smaller size; `"complete"` `[…, m, m]` and `[…, m, n]`. Signs are LAPACK's. PyTorch: `torch.linalg.qr`.
 */
export function qr<D extends DType>(a: Tensor<Shape, D>, mode?: "reduced" | "complete"): { readonly Q: Tensor<Shape, D>; readonly R: Tensor<Shape, D> };
export function qr(a: Tensor, mode: "reduced" | "complete" = "reduced"): { readonly Q: Tensor; readonly R: Tensor } {
  const [m, n] = matrixOf("qr", a);
  check(mode === "reduced" || mode === "complete", () => `qr: the mode is ${JSON.stringify(mode)}`, 'use "reduced" or "complete"');
  check(m === n || (typeof m === "number" && typeof n === "number"), () => `qr of ${text(a)}`, "the sizes of the matrix must be numbers, or equal");
  const [q, r] = reflect(a);
  const k = typeof m === "number" && typeof n === "number" ? Math.min(m, n) : m;
  return mode === "complete" ? { Q: q, R: r } : { Q: q.narrow(-1, 0, k), R: r.narrow(-2, 0, k) };
}
