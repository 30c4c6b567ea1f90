import { defineModel, f32, i32, losses, nn, optim, type Tensor } from "chainrule";

/** Reads handwritten digits by convolutions: 8×8 grey images in, the chances of the ten digits out. */
export default defineModel("cnn-digits", (m) => {
  const conv1 = m.use("conv1", nn.conv2d(1, 16, 3, { padding: 1 }));
  const conv2 = m.use("conv2", nn.conv2d(16, 32, 3, { padding: 1 }));
  const fc = m.use("fc", nn.linear(128, 10));
  const pool = nn.functional.maxPool2d;
  const logits = (x: Tensor<["B", 64]>) => {
    const edges = pool(conv1(x.reshape(["B", 1, 8, 8])).relu(), 2);
    return fc(pool(conv2(edges).relu(), 2).reshape(["B", 128]));
  };

  m.fn("predict", { x: f32("B", 64) }, ({ x }) => ({ probs: logits(x).softmax(-1) }));
  m.fn("evaluate", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => {
    const y = logits(x);
    return { loss: losses.crossEntropy(y, label), accuracy: y.argmax(-1).eq(label).convert("f32").mean() };
  });
  m.trainStep("train", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => losses.crossEntropy(logits(x), label), optim.adam({ lr: 2e-3 }));
});
