import { defineModel, f64, grad, type Tensor } from "chainrule";

/** y = w2·x² + w1·x + b, where b is given and w1 and w2 are trained. */
export default defineModel("quadratic", { dtype: "f64" }, (m) => {
  const w1 = m.param("w1", [], { init: 1 }), w2 = m.param("w2", [], { init: 1 });
  const b = m.state("b", [], { init: 10 });
  const curve = (x: Tensor<[], "f64">) => w2.mul(x.square()).add(w1.mul(x)).add(b);
  const point = { x: f64(), y: f64() };

  m.fn("predict", { x: f64() }, ({ x }) => ({ y: curve(x) }));
  const measure = m.fn("measure", point, ({ x, y }) => ({ loss: curve(x).sub(y).square() }));
  m.fn("step", point, (at) => {
    const [slope1, slope2] = grad(measure(at).loss, [w1, w2]);
    return { outputs: { slope1, slope2 }, updates: [[w1, w1.sub(slope1.mul(0.01))], [w2, w2.sub(slope2.mul(0.01))]] };
  });
});
