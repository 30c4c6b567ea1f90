import { defineModel } from "../../../ir/model/index.ts";
import { f32 } from "../../../ir/model/spec.ts";
import type { Tensor } from "../../../ir/tensor/tensor.ts";
import type { Model } from "../../../ir/graph/index.ts";

/** A linear model: `predict`, a gradient step by hand, and a variable that starts from data. */
export const line = (name = "line"): Model => defineModel(name, (m) => {
  const w = m.param("w", [3, 1], { init: [[0.5], [-1], [2]] });
  const b = m.param("fc.bias", [1]);
  const steps = m.state("steps", [], { dtype: "i32" });
  m.symbol("B", { min: 1, max: 4096 });
  const predict = (x: Tensor): Tensor => x.matmul(w).add(b);
  m.fn("predict", { x: f32("B", 3) }, ({ x }) => ({ y: predict(x as Tensor) }));
  m.fn("train", { x: f32("B", 3), y: f32("B", 1), lr: f32() }, ({ x, y, lr }) => {
    const error = predict(x as Tensor).sub(y as Tensor);
    const slope = error.mul(2).mul(lr as Tensor);
    return {
      outputs: { loss: error.mul(error).mean() },
      updates: [[w, w.sub((x as Tensor).permute(1, 0).matmul(slope))], [b, b.sub(slope.sum(0))], [steps, steps.add(1)]],
    };
  });
});
