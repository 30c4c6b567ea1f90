import { custom } from "../../derivatives/index.ts";
import { emitOne } from "../../graph/build.ts";
import { iota } from "../../tensor/dims.ts";
import { Tensor } from "../../tensor/tensor.ts";
import type { Shape } from "../../types/index.ts";
import { dropout } from "../dropout.ts";

/** How scores become weights. */
export interface Weighting {
  /** Factor of the scores. */
  readonly scale: number;
  readonly isCausal: boolean;
  /** Bool: true where a query may attend to a key. Float: added to the scores. Broadcasts to `[…, L, S]`. */
  readonly mask: Tensor | null;
  /** Which weights are dropped. */
  readonly dropped: Dropped | null;
}

export interface Dropped {
  readonly p: number;
  /** u32[2]. */
  readonly key: Tensor;
}

/**
 * `softmax(q·kᵀ·scale + mask)·v` for `q`: `[…, L, E]`, `k`: `[…, S, E]` and `v`: `[…, S, Ev]` of one batch shape: `[…, L, Ev]`.
 *
 * Nothing of size L × S is kept for the derivative: of each row of scores its maximum and its sum, of which the weights are
 * computed again, as in FlashAttention (Dao et al. 2022, §3.1 and appendix B). With `e` the exponentials of the scores less the
 * maximum, `G` the cotangent of the result divided by the sum, and `D` the sum of `G ∘ O` along a row: `dV = eᵀ·G`,
 * `dS = e ∘ (G·Vᵀ - D)`, `dQ = dS·K` and `dK = dSᵀ·Q`. The gradients of keys and values go row by row over keys, that of
 * queries over queries: so each is a chain of products that needs one row of scores at a time.
 */
export function attend(q: Tensor, k: Tensor, v: Tensor, weighting: Weighting): Tensor {
  const { mask, dropped } = weighting;
  const operands = [q, k, v, ...(mask ? [mask] : []), ...(dropped ? [dropped.key] : [])];
  const partsOf = ([q, k, v, ...rest]: readonly Tensor[]) => ({ q, k, v, w: { ...weighting, mask: mask && rest[0], dropped: dropped && { ...dropped, key: rest.at(-1)! } } });
  const attention = custom({
    name: "attention",
    forward(...given: readonly Tensor[]) {
      const { q, k, v, w } = partsOf(given), scores = masked(q.matmul(swap(k)).mul(w.scale), w);
      const { shift, e, sum } = exponentials(scores, w);
      return { out: drop(e, w).matmul(v).div(sum.unsqueeze(-1)), shift, sum };
    },
    backward(cotangents, { operands: given, results: { out, shift, sum } }) {
      const g = cotangents.out.div(sum.unsqueeze(-1));
      // the maximum cancels in a softmax; so the sum alone carries what a second derivative asks of them
      const ofRow = g.mul(out).sum(-1).sub(cotangents.sum);
      // what is kept is asked once: for the weights, which their derivatives are then multiplied by
      const scoresGradient = (e: Tensor, kept: Tensor, dP: Tensor, d: Tensor, w: Sided): Tensor => letIn(dropped ? kept.mul(dP).sub(e.mul(d)) : e.mul(dP.sub(d)), w, 0);
      // what is computed again is kept apart from what the forward pass has computed, and one of these from the other
      const again = (...after: readonly Tensor[]) => partsOf(given.map((x) => new Tensor(emitOne("barrier", [x, ...after].map((t) => t.value), {}))));

      const rows = again(g), e = masked(rows.q.matmul(swap(rows.k)).mul(weighting.scale), rows.w).sub(shift.unsqueeze(-1)).exp();
      const dS = scoresGradient(e, drop(e, rows.w), g.matmul(swap(rows.v)), ofRow.unsqueeze(-1), rows.w);
      const { q, k, v, w } = again(g, ofRow), wᵀ = transposed(w);
      const eᵀ = masked(k.matmul(swap(q)).mul(weighting.scale), wᵀ).sub(shift.unsqueeze(-2)).exp(), keptᵀ = drop(eᵀ, wᵀ);
      const dSᵀ = scoresGradient(eᵀ, keptᵀ, v.matmul(swap(g)), ofRow.unsqueeze(-2), wᵀ);
      return [
        dS.matmul(rows.k).mul(weighting.scale), dSᵀ.matmul(q).mul(weighting.scale), keptᵀ.matmul(g),
        ...(mask ? [mask.dtype === "bool" ? null : summedTo(dS, mask.shape)] : []), ...(dropped ? [null] : []),
      ];
    },
  });
  return attention(...operands).out;
}

const swap = (x: Tensor): Tensor => x.transpose(-2, -1);

/** What a weighting is to the scores with queries and keys exchanged. */
interface Sided extends Weighting {
  readonly isTransposed?: boolean;
}

const transposed = (w: Weighting): Sided => ({ ...w, mask: w.mask && swap(withRows(w.mask)), isTransposed: true });

/** A mask with an axis of queries, and one of keys. */
const withRows = (mask: Tensor): Tensor => (mask.rank >= 2 ? mask : mask.reshape([...Array.from({ length: 2 - mask.rank }, () => 1), ...mask.shape]));

/** The scores as the weights are computed of them. */
export function masked(scores: Tensor, w: Sided): Tensor {
  const added = w.mask && w.mask.dtype !== "bool" ? scores.add(w.mask) : scores;
  return letIn(added, w, -Infinity);
}

/** `x` where a query may attend to a key, else `otherwise`. */
function letIn(x: Tensor, { isCausal, isTransposed = false, mask }: Sided, otherwise: number): Tensor {
  const shape = x.shape.slice(-2), [query, key] = isTransposed ? [1, 0] : [0, 1];
  const ahead = isCausal ? iota(shape, query).ge(iota(shape, key)).where(x, otherwise) : x;
  return mask?.dtype === "bool" ? mask.where(ahead, otherwise) : ahead;
}

/**
 * The softmax of each row, before it is divided: `e = exp(scores - shift)`, and its sum. With a mask, a row in which all are
 * -∞ gets zeros and a sum of 1.
 */
export function exponentials(scores: Tensor, { mask }: Weighting): { shift: Tensor; e: Tensor; sum: Tensor } {
  const max = scores.stopGradient().amax(-1), shift = mask ? max.eq(-Infinity).where(0, max) : max;
  const e = scores.sub(shift.unsqueeze(-1)).exp(), sum = e.sum(-1);
  return { shift, e, sum: mask ? sum.eq(0).where(1, sum) : sum };
}

/** Drops weights. */
export function drop(x: Tensor, { dropped, isTransposed }: Sided): Tensor {
  if (!dropped) return x;
  const options = { ...dropped, training: true };
  return isTransposed ? swap(dropout(swap(x), options)) : dropout(x, options);
}

/** The sum over what was repeated to broadcast from `shape`. */
function summedTo(x: Tensor, shape: Shape): Tensor {
  const lead = x.rank - shape.length;
  const repeated = x.shape.map((d, i) => i).filter((i) => i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1));
  return (repeated.length > 0 ? x.sum(repeated, true) : x).reshape([...shape]);
}
