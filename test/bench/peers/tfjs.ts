/**
 * TensorFlow.js on its WebAssembly backend, which runs on one thread in Node, or on its WebGPU one. Tensors that do not change are made once;
 * convolutions get them in the layout that it has fast kernels for (NHWC).
 */
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs";
import { Unavailable, type Contender, type Job } from "../contender.ts";
import type { Task } from "../workload.ts";
import { startGpu } from "../../webgpu/gpu.ts";

type Weights = Readonly<Record<string, tf.Tensor>>;
type Write = (task: Task) => Job;

const tensor = ({ data, shape, dtype }: Task["inputs"][string]): tf.Tensor => tf.tensor(data, [...shape], dtype === "i32" ? "int32" : "float32");
const tensors = (from: Task["inputs"]): Weights => Object.fromEntries(Object.entries(from).map(([name, t]) => [name, tensor(t)]));

/** The elements; the tensor is given up. On a GPU they take a while to come, and must be there until they have. */
function read(y: tf.Tensor): Float32Array | Promise<Float32Array> {
  if (tf.getBackend() === "webgpu") return y.data<"float32">().finally(() => { y.dispose(); });
  const elements = y.dataSync<"float32">();
  y.dispose();
  return elements;
}

/** A function of the inputs; the weights are tensors. */
const forward = (f: (x: Weights, w: Weights) => tf.Tensor, layout = (w: Weights): Weights => w): Write => (task) => {
  const x = tensors(task.inputs), w = layout(tensors(task.weights));
  return {
    call: () => {
      const y = tf.tidy(() => f(x, w)); // not read inside: tidy would look for tensors among the elements
      return read(y);
    },
  };
};

/** Steps of an optimizer; the weights are variables. */
const training = (loss: (x: Weights, w: Weights) => tf.Tensor, optimizer: () => tf.Optimizer, layout = (w: Weights): Weights => w): Write => (task) => {
  const x = tensors(task.inputs), start = layout(tensors(task.weights));
  const w = Object.fromEntries(Object.entries(start).map(([name, t]) => [name, tf.variable(t)]));
  let rule = optimizer();
  return {
    call: () => read(tf.tidy(() => rule.minimize(() => loss(x, w) as tf.Scalar, true)!)),
    reset: () => {
      for (const [name, variable] of Object.entries(w)) variable.assign(start[name]);
      rule.dispose();
      rule = optimizer();
    },
  };
};

/** PyTorch's linear layer: the weight is [out, in]. */
const linear = (x: tf.Tensor, w: Weights, name: string): tf.Tensor => tf.matMul(x as tf.Tensor2D, w[`${name}.weight`] as tf.Tensor2D, false, true).add(w[`${name}.bias`]);

const layerNorm = (x: tf.Tensor, w: Weights, name: string): tf.Tensor => {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(w[`${name}.weight`]).add(w[`${name}.bias`]);
};

const gelu = (x: tf.Tensor): tf.Tensor => x.mul(Math.SQRT1_2).erf().add(1).mul(x).mul(0.5);

const crossEntropy = (logits: tf.Tensor, label: tf.Tensor): tf.Tensor => tf.losses.softmaxCrossEntropy(tf.oneHot(label as tf.Tensor1D, 10), logits);

const classifier = (x: tf.Tensor, w: Weights): tf.Tensor => linear(linear(x, w, "net.0").relu(), w, "net.2");

/** Kernels as [height, width, in, out], and the rows of the last layer in the order of NHWC. */
const channelsLast = (w: Weights): Weights => ({
  ...w,
  "conv1.weight": w["conv1.weight"].transpose([2, 3, 1, 0]), "conv2.weight": w["conv2.weight"].transpose([2, 3, 1, 0]),
  "fc.weight": w["fc.weight"].reshape([10, 32, 7, 7]).transpose([0, 2, 3, 1]).reshape([10, 32 * 7 * 7]),
});

const cnn = (x: tf.Tensor, w: Weights): tf.Tensor => {
  const stage = (y: tf.Tensor, name: string): tf.Tensor =>
    tf.maxPool(tf.conv2d(y as tf.Tensor4D, w[`${name}.weight`] as tf.Tensor4D, 1, "same").add(w[`${name}.bias`]).relu() as tf.Tensor4D, 2, 2, "valid");
  // one channel: NCHW and NHWC are the same elements
  const y = stage(stage(x.reshape([-1, 28, 28, 1]), "conv1"), "conv2");
  return linear(y.reshape([-1, 32 * 7 * 7]), w, "fc");
};

const block = (x: tf.Tensor, w: Weights): tf.Tensor => {
  const rows = (y: tf.Tensor, name: string): tf.Tensor => linear(y.reshape([-1, y.shape.at(-1)!]), w, name);
  const [batch, positions, width] = x.shape;
  const [q, k, v] = rows(layerNorm(x, w, "block.norm1"), "block.qkv").reshape([batch, positions, 3, 4, width / 4]).transpose([2, 0, 3, 1, 4]).unstack();
  const attention = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(width / 4)).softmax();
  const y = x.add(rows(tf.matMul(attention, v).transpose([0, 2, 1, 3]).reshape([batch, positions, width]), "block.proj").reshape(x.shape));
  return y.add(rows(gelu(rows(layerNorm(y, w, "block.norm2"), "block.fc1")), "block.fc2").reshape(x.shape));
};

const lstm = (x: tf.Tensor, w: Weights): tf.Tensor => {
  const [steps, batch, width] = x.shape;
  const projected = tf.matMul(x.reshape([-1, width]), w["lstm.weight_ih_l0"] as tf.Tensor2D, false, true).add(w["lstm.bias_ih_l0"].add(w["lstm.bias_hh_l0"])).reshape([steps, batch, -1]);
  let h = tf.zeros([batch, width]), c = h;
  const hs = tf.unstack(projected).map((row) => {
    const [i, f, g, o] = tf.split(row.add(tf.matMul(h, w["lstm.weight_hh_l0"], false, true)), 4, 1);
    c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    return (h = o.sigmoid().mul(c.tanh()));
  });
  return tf.stack(hs);
};

/** Three steps of gradient descent, a sample each, on one variable. */
const line: Write = (task) => {
  const { x, y } = tensors(task.inputs), start = tensors(task.weights).w, w = tf.variable(start);
  const pairs = tf.unstack(x).map((xi, i) => [xi, tf.unstack(y)[i]] as const), rule = tf.train.sgd(0.01);
  return {
    call: () => tf.tidy(() => {
      for (const [xi, yi] of pairs) rule.minimize(() => xi.mul(w).sub(yi).square() as tf.Scalar, false, [w]);
      return w.dataSync()[0];
    }),
    reset: () => { w.assign(start); },
  };
};

const written: Readonly<Record<string, Write>> = {
  W1: training(({ x, y }, { w1, w2 }) => x.matMul(w1).maximum(0).matMul(w2).sub(y).square().sum(), () => tf.train.sgd(1e-6)),
  W2: line,
  W3: training(({ x, label }, w) => crossEntropy(classifier(x, w), label), () => tf.train.adam(1e-3)),
  W4: training(({ x, label }, w) => crossEntropy(cnn(x, w), label), () => tf.train.sgd(0.01), channelsLast),
  W4i: forward(({ x }, w) => cnn(x, w), channelsLast),
  W5: forward(({ x }, w) => block(x, w)),
  W5t: training(({ x, y }, w) => block(x, w).sub(y).square().mean(), () => tf.train.adam(1e-3)),
  W6: forward(({ a, b }) => a.matMul(b)),
  W7a: forward(({ x }) => x.softmax()),
  W7b: forward(({ x }, w) => layerNorm(x, w, "norm")),
  W7c: forward(({ x }) => gelu(x.mul(2).add(1)).mul(x.sigmoid())),
  W8: forward(({ x }, w) => lstm(x, w)),
  W9: forward(({ x }, w) => classifier(x, w)),
};

export async function create({ backend = "wasm" }: { readonly backend?: "wasm" | "webgpu" }): Promise<Contender> {
  if (backend === "webgpu") {
    const found = await startGpu();
    if (found !== true) throw new Unavailable(found);
    await import("@tensorflow/tfjs-backend-webgpu"); // it looks for a GPU as it is imported
  }
  if (!(await tf.setBackend(backend))) throw new Unavailable(`its ${backend} backend does not start`);
  await tf.ready();
  return async (task) => {
    const write = written[task.id];
    if (!write) throw new Unavailable("it is not written for it");
    return write(task);
  };
}
