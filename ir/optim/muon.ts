import { check } from "../graph/error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { typeText } from "../types/index.ts";
import { perParameter, type CommonOptions, type Hyper, type Optimizer } from "./optimizer.ts";

export interface MuonOptions {
  /** Learning rate; 1e-3 unless given. */
  readonly lr?: Hyper;
  readonly weightDecay?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** Of the iteration's quintic polynomial. */
  readonly nsCoefficients?: readonly [number, number, number];
  readonly nsSteps?: number;
  readonly eps?: number;
  /** How the rate depends on the matrix: times `sqrt(max(1, rows / columns))`, or `0.2 sqrt(max(rows, columns))`. */
  readonly adjustLrFn?: "original" | "match_rms_adamw";
}

/**
 * Momentum made orthogonal by Newton's and Schulz's iteration (Jordan et al. 2024), with decoupled weight decay, for matrices: give
 * the other parameters to another optimizer. State: `momentum_buffer`. PyTorch: `torch.optim.Muon`, which iterates in bf16 where
 * this does in the parameter's own dtype.
 */
export function muon(options: MuonOptions & CommonOptions<MuonOptions> = {}): Optimizer {
  const defaults = { lr: 1e-3, weightDecay: 0.1, momentum: 0.95, nesterov: true, nsCoefficients: [3.4445, -4.775, 2.0315], nsSteps: 5, eps: 1e-7, adjustLrFn: "original" } satisfies MuonOptions;
  return perParameter<MuonOptions, typeof defaults>("muon", options, defaults, (w, g, o, slot) => {
    const [rows, columns] = w.shape;
    check(w.rank === 2 && typeof rows === "number" && typeof columns === "number", () => `muon: a parameter is ${typeText(w.value.type)}`, "it is for matrices; use another optimizer for the others, by groups of functions");
    const buffer = slot.next("momentum_buffer", (old) => old.mul(o.momentum).add(g.mul(1 - o.momentum)));
    const direction = orthogonalized(o.nesterov ? g.mul(1 - o.momentum).add(buffer.mul(o.momentum)) : buffer, o.nsCoefficients, o.nsSteps, o.eps);
    const ratio = o.adjustLrFn === "original" ? Math.sqrt(Math.max(1, rows / columns)) : 0.2 * Math.sqrt(Math.max(rows, columns));
    const lr = slot.value(o.lr), decay = typeof lr === "number" ? 1 - lr * o.weightDecay : lr.mul(-o.weightDecay).add(1);
    return w.mul(decay).sub(direction.mul(lr).mul(ratio));
  });
}

/** Towards U·Vᵀ of the singular value decomposition of a matrix: `X ← aX + (bXXᵀ + c(XXᵀ)²)X`, from X scaled to a norm of at most 1. */
function orthogonalized(g: Tensor, [a, b, c]: readonly [number, number, number], steps: number, eps: number): Tensor {
  const isTall = (g.shape[0] as number) > (g.shape[1] as number);
  let x = isTall ? g.t() : g;
  x = x.div(x.norm().clampMin(eps));
  for (let i = 0; i < steps; i++) {
    const gram = x.matmul(x.t());
    x = x.mul(a).add(gram.mul(b).add(gram.matmul(gram).mul(c)).matmul(x));
  }
  return isTall ? x.t() : x;
}
