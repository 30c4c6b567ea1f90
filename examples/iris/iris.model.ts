import { defineModel, f32, i32, losses, nn, optim, type Tensor } from "chainrule";

/** Tells three species of iris apart: four measurements in (each less its mean, over its deviation), chances out. */
export default defineModel("iris", (m) => {
  const net = m.use("net", nn.sequential(nn.linear(4, 16), nn.tanh(), nn.linear(16, 16), nn.tanh(), nn.linear(16, 3)));
  const loss = (x: Tensor<["B", 4]>, label: Tensor<["B"], "i32">) => losses.crossEntropy(net(x), label);

  m.fn("predict", { x: f32("B", 4) }, ({ x }) => ({ probs: net(x).softmax(-1) }));
  m.fn("evaluate", { x: f32("B", 4), label: i32("B") }, ({ x, label }) => ({ loss: loss(x, label), accuracy: net(x).argmax(-1).eq(label).convert("f32").mean() }));
  m.trainStep("train", { x: f32("B", 4), label: i32("B") }, ({ x, label }) => loss(x, label), optim.adam({ lr: 1e-2 }));
});
