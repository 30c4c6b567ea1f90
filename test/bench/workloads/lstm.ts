import { defineModel, f32, scan, zeros, type Tensor } from "chainrule";
import { noise, type Workload } from "../workload.ts";

/** An LSTM (Hochreiter & Schmidhuber 1997), with the gates in PyTorch's order: input, forget, cell, output. */

const width = 128, steps = 32, batch = 32, bound = 1 / Math.sqrt(width);

export const lstms: readonly Workload[] = [
  {
    id: "W8", title: "LSTM forward, T=32, batch 32, 128→128",
    model: () => defineModel("lstm", (m) => {
      const weight = (name: string, shape: readonly number[]): Tensor => m.param(`lstm.${name}`, shape);
      const wih = weight("weight_ih_l0", [4 * width, width]), whh = weight("weight_hh_l0", [4 * width, width]);
      const bih = weight("bias_ih_l0", [4 * width]), bhh = weight("bias_hh_l0", [4 * width]);
      m.fn("f", { x: f32(steps, "B", width) }, ({ x }) => {
        // what does not depend on the step before is one product
        const projected = x.matmul(wih.t()).add(bih.add(bhh));
        const zero: Tensor = zeros(["B", width]);
        const step = ([h, c]: readonly [Tensor, Tensor], row: Tensor): [[Tensor, Tensor], Tensor] => {
          const [i, f, g, o] = row.add(h.matmul(whh.t())).chunk(4, -1);
          const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
          const out = o.sigmoid().mul(cell.tanh());
          return [[out, cell], out];
        };
        const [, y] = scan(step, [zero, zero], projected as Tensor);
        return { y };
      });
    }),
    call: "f", output: "y", calls: 1,
    inputs: () => ({ x: noise([steps, batch, width]) }),
    weights: () => ({
      "lstm.weight_ih_l0": noise([4 * width, width], 2, bound), "lstm.weight_hh_l0": noise([4 * width, width], 3, bound),
      "lstm.bias_ih_l0": noise([4 * width], 4, bound), "lstm.bias_hh_l0": noise([4 * width], 5, bound),
    }),
  },
];
