import { defineModel, f64 } from "chainrule";

/** A line through the origin, y = w·x: its mean squared error for many w at once. */
export default defineModel("sweep", (m) => {
  m.fn("sweep", { x: f64("N"), y: f64("N"), w: f64("W") }, ({ x, y, w }) => {
    const predicted = w.unsqueeze(1).mul(x); // [W, N]: a row for each w
    const mse = predicted.sub(y).square().mean(1);
    return { mse, best: w.at(mse.argmin()) };
  });
});
