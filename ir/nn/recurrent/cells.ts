import type { Tensor } from "../../tensor/tensor.ts";
import { linear } from "../../tensor/products.ts";

/**
 * The recurrences of RNN, LSTM and GRU: one step each, as the layers and the cells share it. What a step takes of its
 * input, `x·W_ihᵀ + b`, does not depend on the state, so a layer computes it for all steps in one product.
 */

/** The parameters of one direction of one layer, under PyTorch's names. */
export interface Weights {
  /** `weight_ih`: `[gates·hidden, input]`. */
  readonly ih: Tensor;
  /** `weight_hh`: `[gates·hidden, output]`. */
  readonly hh: Tensor;
  /** `bias_ih` and `bias_hh`: `[gates·hidden]`. */
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  /** `weight_hr`: `[output, hidden]`, the projection of an LSTM that has one. */
  readonly hr: Tensor | null;
}

/** What is carried from step to step; the first is what the layer gives out. */
export type State = readonly [output: Tensor, ...rest: Tensor[]];

export interface Recurrence {
  /** Name in messages. */
  readonly name: string;
  /** How many blocks of `hidden` rows the weights have. */
  readonly gates: number;
  /** Names of the parts of the state, for messages. */
  readonly states: readonly string[];
  /** What the input adds to the gates; `x` has any axes before the last. */
  project(x: Tensor, w: Weights): Tensor;
  /** The state after a step, of the projected input of that step. */
  step(projected: Tensor, state: State, w: Weights): State;
}

/** Both biases are added where neither is alone in a product: once for all steps. */
function projectWithBiases(x: Tensor, { ih, biasIh, biasHh }: Weights): Tensor {
  return linear(x, ih, biasIh && biasHh ? biasIh.add(biasHh) : null);
}

/** `h' = f(W_ih x + b_ih + W_hh h + b_hh)` (Elman 1990). */
const elman = (nonlinearity: "tanh" | "relu"): Recurrence => ({
  name: "rnn",
  gates: 1,
  states: ["h0"],
  project: projectWithBiases,
  step: (projected, [h], w) => [projected.add(linear(h, w.hh))[nonlinearity]()],
});
export const elmanTanh = elman("tanh"), elmanRelu = elman("relu");

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997; with the forget gate of Gers et al. 2000), gates in PyTorch's
 * order i, f, g, o: `c' = σ(f)·c + σ(i)·tanh(g)`, `h' = σ(o)·tanh(c')`, or `W_hr h'` with a projection (Sak et al. 2014).
 */
export const longShortTerm: Recurrence = {
  name: "lstm",
  gates: 4,
  states: ["h0", "c0"],
  project: projectWithBiases,
  step(projected, [h, c], w) {
    const [i, f, g, o] = projected.add(linear(h, w.hh)).chunk(4, -1);
    const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    const out = o.sigmoid().mul(cell.tanh());
    return [w.hr ? linear(out, w.hr) : out, cell];
  },
};

/**
 * Gated recurrent unit (Cho et al. 2014), gates in PyTorch's order r, z, n: `n = tanh(W_in x + b_in + σ(r)·(W_hn h + b_hn))`,
 * `h' = (1 - σ(z))·n + σ(z)·h`. The reset gate scales `b_hn` too, so the hidden bias stays in the step.
 */
export const gatedUnit: Recurrence = {
  name: "gru",
  gates: 3,
  states: ["h0"],
  project: (x, w) => linear(x, w.ih, w.biasIh),
  step(projected, [h], w) {
    const [xr, xz, xn] = projected.chunk(3, -1), [hr, hz, hn] = linear(h, w.hh, w.biasHh).chunk(3, -1);
    const z = xz.add(hz).sigmoid(), n = xn.add(xr.add(hr).sigmoid().mul(hn)).tanh();
    return [n.add(z.mul(h.sub(n)))];
  },
};
