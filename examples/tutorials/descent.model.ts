import { defineModel, f64, grad } from "chainrule";

/** y = w·x again, in double precision: w goes downhill by its gradient, one point at a time. */
export default defineModel("descent", { dtype: "f64" }, (m) => {
  const w = m.param("w", [], { init: 1 });
  const point = { x: f64(), y: f64() };

  m.fn("predict", { x: f64() }, ({ x }) => ({ y: w.mul(x) }));
  const measure = m.fn("measure", point, ({ x, y }) => ({ loss: w.mul(x).sub(y).square() }));
  m.fn("step", point, (at) => {
    const [slope] = grad(measure(at).loss, [w]);
    return { outputs: { slope }, updates: [[w, w.sub(slope.mul(0.01))]] };
  });
});
