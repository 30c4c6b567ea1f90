import { scan } from "../control/scan.ts";
import { iota } from "../tensor/dims.ts";
import { ones } from "../tensor/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { columnAt, columnNumbers, isEmpty, rowAt, rowNumbers } from "./matrix.ts";

/**
 * Elimination as loops over the columns, one step an update of the whole matrix. They are compositions, so the chain
 * rule goes through them; the functions users call have derivatives of their own, which store less, and use these again.
 */

export interface Factored {
  /** `L` below the diagonal (its own is ones) and `U` on and above it. */
  readonly lu: Tensor;
  /** Row `i` of the product is row `order[i]` of the matrix: i32, `[…, n]`. */
  readonly order: Tensor;
  /** 1 or -1: the sign of that permutation, `[…]`. */
  readonly sign: Tensor;
}

/**
 * `P·A = L·U` with partial pivoting: Gaussian elimination, right-looking (Golub & Van Loan, 3.4.1), for `[…, m, n]`. A
 * column without a pivot is left as it is, so `U` of a singular matrix has a zero on its diagonal.
 */
export function factor(a: Tensor): Factored {
  const [m, n] = a.shape.slice(-2), batch = a.shape.slice(0, -2), rows = rowNumbers(m), columns = columnNumbers(n);
  const steps = typeof m === "number" && typeof n === "number" ? Math.min(m, n) : m;
  const order = iota([...batch, m], batch.length), sign = ones(batch, a.dtype) as Tensor;
  if (isEmpty(a)) return { lu: a, order, sign };
  const initial: readonly [Tensor, Tensor, Tensor] = [a, order, sign];
  const [[lu, last, parity]] = scan(([matrix, order, sign]: typeof initial, _: null, step: Tensor): readonly [typeof initial, null] => {
    const size = rows.ge(step).where(columnAt(matrix, step).abs().stopGradient(), -1);
    const pivotAt = size.argmax(-2, true); // […, 1, 1]
    const from = rows.eq(step).where(pivotAt, rows.eq(pivotAt).where(step, rows)); // […, m, 1]
    const swapped = matrix.takeAlongDim(from.expand([...batch, m, n]), -2);
    const row = rowAt(swapped, step), pivot = columnAt(row, step), isZero = pivot.eq(0);
    const multipliers = rows.gt(step).logicalAnd(isZero.logicalNot()).where(columnAt(swapped, step).div(isZero.where(1, pivot)), 0);
    const reduced = swapped.sub(multipliers.mul(columns.gt(step).where(row, 0)));
    const isStored = columns.eq(step).logicalAnd(rows.gt(step));
    return [[isStored.where(multipliers, reduced), order.takeAlongDim(from.squeeze(-1), -1), pivotAt.squeeze([-2, -1]).eq(step).where(sign, sign.neg())], null];
  }, initial, null, { length: steps });
  return { lu, order: last, sign: parity };
}

/**
 * `T⁻¹·B` for a triangular `T` `[…, n, n]` and `B` `[…, n, k]`: substitution, column by column, forwards for a lower
 * triangle and backwards for an upper one. Only that triangle is read; with `unit` its diagonal counts as ones.
 */
export function substitute(t: Tensor, b: Tensor, { upper, unit = false }: { readonly upper: boolean; readonly unit?: boolean }): Tensor {
  if (isEmpty(b)) return b;
  const n = t.shape[t.rank - 1], rows = rowNumbers(n);
  const [x] = scan((x: Tensor, _: null, step: Tensor) => {
    const column = columnAt(t, step), right = rowAt(x, step);
    const found = unit ? right : right.div(rowAt(column, step));
    const isLeft = upper ? rows.lt(step) : rows.gt(step);
    const rest = x.sub(isLeft.where(column, 0).mul(found));
    return [rows.eq(step).where(found, rest), null];
  }, b, null, { length: n, reverse: upper });
  return x;
}

/** `A⁻¹·B` of the factors of `A`. */
export function solveFactored({ lu, order }: Pick<Factored, "lu" | "order">, b: Tensor): Tensor {
  const permuted = b.takeAlongDim(order.unsqueeze(-1).expand(b.shape), -2);
  return substitute(lu, substitute(lu, permuted, { upper: false, unit: true }), { upper: true });
}
