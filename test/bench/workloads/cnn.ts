import { defineModel, f32, i32, losses, nn, optim, type Scope, type Tensor } from "chainrule";
import { labels, linearWeights, noise, type Workload } from "../workload.ts";

/** A small convolutional classifier of 28×28 images: each stage keeps the size, and pooling halves it. */

const batch = 32;

const cnn = (scope: Scope) => {
  const conv1 = scope.use("conv1", nn.conv2d(1, 16, 3, { padding: 1 })), conv2 = scope.use("conv2", nn.conv2d(16, 32, 3, { padding: 1 }));
  const pool = scope.use("pool", nn.maxPool2d(2)), fc = scope.use("fc", nn.linear(32 * 7 * 7, 10));
  return (x: Tensor): Tensor => fc(pool(conv2(pool(conv1(x).relu())).relu()).flatten(1));
};

const weights = () => ({
  "conv1.weight": noise([16, 1, 3, 3], 2, 1 / 3), "conv1.bias": noise([16], 3, 1 / 3),
  "conv2.weight": noise([32, 16, 3, 3], 4, 1 / 12), "conv2.bias": noise([32], 5, 1 / 12),
  ...linearWeights("fc", 32 * 7 * 7, 10, 6),
});
const images = () => noise([batch, 1, 28, 28]);

export const cnns: readonly Workload[] = [
  {
    id: "W4", title: "CNN conv3×3(1→16) relu pool conv3×3(16→32) relu pool linear, batch 32 of 28×28, SGD step",
    model: () => defineModel("cnn", (m) => {
      const net = cnn(m);
      m.trainStep("train", { x: f32("B", 1, 28, 28), label: i32("B") }, ({ x, label }) => losses.crossEntropy(net(x), label), optim.sgd({ lr: 0.01 }));
    }),
    call: "train", output: "loss", calls: 3, weights,
    inputs: () => ({ x: images(), label: labels(batch, 10) }),
  },
  {
    id: "W4i", title: "the same, forward",
    model: () => defineModel("cnn", (m) => {
      const net = cnn(m);
      m.fn("predict", { x: f32("B", 1, 28, 28) }, ({ x }) => ({ y: net(x) }));
    }),
    call: "predict", output: "y", calls: 1, weights,
    inputs: () => ({ x: images() }),
  },
];
