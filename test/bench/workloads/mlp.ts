import { defineModel, f32, grad, i32, losses, nn, optim, type Tensor } from "chainrule";
import { labels, linearWeights, noise, type Workload } from "../workload.ts";

/** Small networks: PyTorch's tutorial on two layers, a line, a classifier of digits. */

const classifier = () => nn.sequential(nn.linear(784, 256), nn.relu(), nn.linear(256, 10));
const classifierWeights = () => ({ ...linearWeights("net.0", 784, 256, 2), ...linearWeights("net.2", 256, 10, 4) });

export const mlps: readonly Workload[] = [
  {
    id: "W1", title: "two-layer net 64×1000→100→10, clamp, sum of squares, SGD step",
    model: () => defineModel("net", (m) => {
      const w1 = m.param("w1", [1000, 100]), w2 = m.param("w2", [100, 10]);
      m.trainStep("train", { x: f32("N", 1000), y: f32("N", 10) }, ({ x, y }) => x.mm(w1).clampMin(0).mm(w2).sub(y).square().sum(), optim.sgd({ lr: 1e-6 }));
    }),
    call: "train", output: "loss", calls: 3,
    inputs: () => ({ x: noise([64, 1000]), y: noise([64, 10], 2) }),
    weights: () => ({ w1: noise([1000, 100], 3), w2: noise([100, 10], 4) }),
  },
  {
    id: "W2", title: "scalar linear model, 3 samples, 3 updates",
    model: () => defineModel("line", (m) => {
      const start = m.param("w", []);
      m.fn("train", { x: f32(3), y: f32(3) }, ({ x, y }) => {
        let w: Tensor<[]> = start;
        for (let i = 0; i < 3; i++) {
          const loss = x.select(0, i).mul(w).sub(y.select(0, i)).square();
          w = w.sub(grad(loss, w).mul(0.01));
        }
        return { outputs: { w }, updates: [[start, w]] };
      });
    }),
    call: "train", output: "w", calls: 3,
    inputs: () => ({ x: { dtype: "f32", shape: [3], data: Float32Array.of(1, 2, 3) }, y: { dtype: "f32", shape: [3], data: Float32Array.of(2, 4, 6) } }),
    weights: () => ({ w: { dtype: "f32", shape: [], data: Float32Array.of(1) } }),
  },
  {
    id: "W3", title: "MLP 784-256-10, batch 128, cross-entropy, Adam step",
    model: () => defineModel("mlp", (m) => {
      const net = m.use("net", classifier());
      m.trainStep("train", { x: f32("B", 784), label: i32("B") }, ({ x, label }) => losses.crossEntropy(net(x), label), optim.adam({ lr: 1e-3 }));
    }),
    call: "train", output: "loss", calls: 3,
    inputs: () => ({ x: noise([128, 784]), label: labels(128, 10) }),
    weights: classifierWeights,
  },
  {
    id: "W9", title: "MLP 784-256-10 forward, batch 1",
    model: () => defineModel("mlp", (m) => {
      const net = m.use("net", classifier());
      m.fn("predict", { x: f32("B", 784) }, ({ x }) => ({ y: net(x) }));
    }),
    call: "predict", output: "y", calls: 1,
    inputs: () => ({ x: noise([1, 784]) }),
    weights: classifierWeights,
  },
];
