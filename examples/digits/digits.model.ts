import { defineModel, f32, i32, losses, nn, optim, type Tensor } from "chainrule";

/** Reads handwritten digits: 8×8 grey images in, the chances of the ten digits out. */
export default defineModel("digits", (m) => {
  const fc1 = m.use("fc1", nn.linear(64, 128));
  const fc2 = m.use("fc2", nn.linear(128, 64));
  const fc3 = m.use("fc3", nn.linear(64, 10));
  const drop = m.use("drop", nn.dropout(0.2));
  const logits = (x: Tensor<["B", 64]>) => fc3(drop(fc2(drop(fc1(x).relu())).relu()));

  m.fn("predict", { x: f32("B", 64) }, ({ x }) => ({ probs: logits(x).softmax(-1) }));

  m.fn("evaluate", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => {
    const y = logits(x);
    return { loss: losses.crossEntropy(y, label), accuracy: y.argmax(-1).eq(label).convert("f32").mean() };
  });

  m.trainStep("train", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => losses.crossEntropy(logits(x), label), optim.adamw({ lr: 2e-3, weightDecay: 1e-2 }));
});
