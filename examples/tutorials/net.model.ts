import { defineModel, f32, grad, init } from "chainrule";

/** Two layers without biases, trained by hand: 20 numbers in, 10 hidden, 3 out. */
export default defineModel("net", (m) => {
  const w1 = m.param("w1", [20, 10], { init: init.normal() });
  const w2 = m.param("w2", [10, 3], { init: init.normal() });

  m.fn("step", { x: f32("N", 20), y: f32("N", 3), lr: f32() }, ({ x, y, lr }) => {
    const predicted = x.mm(w1).clamp(0).mm(w2);
    const loss = predicted.sub(y).pow(2).sum();
    const [slope1, slope2] = grad(loss, [w1, w2]);
    return { outputs: { loss }, updates: [[w1, w1.sub(slope1.mul(lr))], [w2, w2.sub(slope2.mul(lr))]] };
  });
});
