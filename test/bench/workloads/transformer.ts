import { defineModel, f32, losses, nn, optim, type Scope, type Tensor } from "chainrule";
import { linearWeights, noise, type Workload } from "../workload.ts";

/** A pre-norm transformer block (Xiong et al. 2020): 256 wide, 4 heads, 1024 in the feed-forward part, 128 positions. */

const width = 256, heads = 4, hidden = 1024, positions = 128;

const block = (scope: Scope) => {
  const norm1 = scope.use("norm1", nn.layerNorm(width)), norm2 = scope.use("norm2", nn.layerNorm(width));
  const qkv = scope.use("qkv", nn.linear(width, 3 * width)), proj = scope.use("proj", nn.linear(width, width));
  const fc1 = scope.use("fc1", nn.linear(width, hidden)), fc2 = scope.use("fc2", nn.linear(hidden, width));
  const attention = (x: Tensor): Tensor => {
    // [B, T, 3·width] as three of [B, heads, T, width / heads]
    const [q, k, v] = qkv(x).reshape([x.shape[0], positions, 3, heads, width / heads]).permute(2, 0, 3, 1, 4).unbind(0);
    const weights = q.matmul(k.transpose(-2, -1)).mul(1 / Math.sqrt(width / heads)).softmax(-1);
    return proj(weights.matmul(v).permute(0, 2, 1, 3).reshape(x.shape));
  };
  return (x: Tensor): Tensor => {
    const y = x.add(attention(norm1(x)));
    return y.add(fc2(fc1(norm2(y)).gelu()));
  };
};

const weights = () => ({
  "block.norm1.weight": noise([width], 2), "block.norm1.bias": noise([width], 3),
  "block.norm2.weight": noise([width], 4), "block.norm2.bias": noise([width], 5),
  ...linearWeights("block.qkv", width, 3 * width, 6), ...linearWeights("block.proj", width, width, 8),
  ...linearWeights("block.fc1", width, hidden, 10), ...linearWeights("block.fc2", hidden, width, 12),
});

export const transformers: readonly Workload[] = [
  {
    id: "W5", title: "pre-norm transformer block d=256, 4 heads, ffn 1024, T=128, forward",
    model: () => defineModel("transformer", (m) => {
      const net = m.use("block", block);
      m.fn("f", { x: f32("B", positions, width) }, ({ x }) => ({ y: net(x) }));
    }),
    call: "f", output: "y", calls: 1, weights,
    inputs: () => ({ x: noise([1, positions, width]) }),
  },
  {
    id: "W5t", title: "the same, mean-square loss, backward, Adam",
    model: () => defineModel("transformer", (m) => {
      const net = m.use("block", block);
      m.trainStep("train", { x: f32("B", positions, width), y: f32("B", positions, width) }, ({ x, y }) => losses.mse(net(x), y), optim.adam({ lr: 1e-3 }));
    }),
    call: "train", output: "loss", calls: 3, weights,
    inputs: () => ({ x: noise([1, positions, width]), y: noise([1, positions, width], 14) }),
  },
];
