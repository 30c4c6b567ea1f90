import { defineModel, f32, nn } from "chainrule";
import { noise, type Workload } from "../workload.ts";

/** An LSTM (Hochreiter & Schmidhuber 1997). */

const width = 128, steps = 32, batch = 32, bound = 1 / Math.sqrt(width);

export const lstms: readonly Workload[] = [
  {
    id: "W8", title: "LSTM forward, T=32, batch 32, 128→128",
    model: () => defineModel("lstm", (m) => {
      const lstm = m.use("lstm", nn.lstm(width, width));
      m.fn("f", { x: f32(steps, "B", width) }, ({ x }) => ({ y: lstm(x)[0] }));
    }),
    call: "f", output: "y", calls: 1,
    inputs: () => ({ x: noise([steps, batch, width]) }),
    weights: () => ({
      "lstm.weight_ih_l0": noise([4 * width, width], 2, bound), "lstm.weight_hh_l0": noise([4 * width, width], 3, bound),
      "lstm.bias_ih_l0": noise([4 * width], 4, bound), "lstm.bias_hh_l0": noise([4 * width], 5, bound),
    }),
  },
];
