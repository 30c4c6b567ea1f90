/**
 * jax-js on its WebAssembly backend, one thread in Node, or on its WebGPU one. Everything is under `jit`, a training step with its optimizer
 * as one function. An array is used up by the operation that takes it; `.ref` keeps it for another.
 */
import { Unavailable, type Contender, type Job } from "../contender.ts";
import type { Task } from "../workload.ts";
import { startGpu } from "../../webgpu/gpu.ts";

// jax-js looks for workers by `navigator`, which Node has from version 21 on
Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 1, userAgent: "node" }, configurable: true });
const { init, defaultDevice, jit, lax, nn, numpy: np, tree, valueAndGrad } = await import("@jax-js/jax");

type Tensor = import("@jax-js/jax").Array;
type Tensors = Record<string, Tensor>;
type Write = (task: Task) => Job;

const array = ({ data, shape, dtype }: Task["inputs"][string]): Tensor =>
  np.array(data as Float32Array<ArrayBuffer>, { shape: [...shape], dtype: dtype === "i32" ? np.int32 : np.float32 });
const arrays = (from: Task["inputs"]): Tensors => Object.fromEntries(Object.entries(from).map(([name, t]) => [name, array(t)]));

/** The elements; uses the array up. */
const read = async (y: Tensor): Promise<Float32Array> => (await y.data()) as Float32Array;

const forward = (f: (x: Tensors, w: Tensors) => Tensor): Write => (task) => {
  const x = arrays(task.inputs), w = arrays(task.weights), compiled = jit(f);
  return { call: () => read(compiled(tree.ref(x), tree.ref(w))) };
};

/** What an optimizer knows, and its step for one parameter: from the parameter, its gradient and that to both anew. */
interface Rule {
  readonly slots: number;
  step(w: Tensor, g: Tensor, slots: readonly Tensor[], t: Tensor): [Tensor, Tensor[]];
}

const sgd = (lr: number): Rule => ({ slots: 0, step: (w, g) => [w.sub(g.mul(lr)), []] });

const adam = (lr: number, beta1 = 0.9, beta2 = 0.999, eps = 1e-8): Rule => ({
  slots: 2,
  step(w, g, [m, v], t) {
    const average = m.mul(beta1).add(g.ref.mul(1 - beta1)), square = v.mul(beta2).add(g.ref.mul(g).mul(1 - beta2));
    const correction = (beta: number, at: Tensor): Tensor => np.subtract(1, np.exp(at.mul(Math.log(beta))));
    const root = np.sqrt(square.ref.div(correction(beta2, t.ref))).add(eps);
    return [w.sub(average.ref.div(correction(beta1, t)).div(root).mul(lr)), [average, square]];
  },
});

const training = (loss: (w: Tensors, x: Tensors) => Tensor, rule: Rule): Write => (task) => {
  const x = arrays(task.inputs), names = Object.keys(task.weights);
  const step = jit((w: Tensors, slots: Record<string, Tensor[]>, t: Tensor, inputs: Tensors): [Tensor, Tensors, Record<string, Tensor[]>, Tensor] => {
    const [value, g] = valueAndGrad(loss)(tree.ref(w), inputs) as unknown as [Tensor, Tensors];
    const next = t.add(1);
    const stepped = names.map((name) => rule.step(w[name], g[name], slots[name], next.ref));
    return [value, Object.fromEntries(names.map((name, i) => [name, stepped[i][0]])), Object.fromEntries(names.map((name, i) => [name, stepped[i][1]])), next];
  });
  const start = () => ({
    w: arrays(task.weights), t: np.array(0, { dtype: np.float32 }),
    slots: Object.fromEntries(names.map((name) => [name, Array.from({ length: rule.slots }, () => np.zeros([...task.weights[name].shape]))])),
  });
  let state = start();
  return {
    call: async () => {
      const [value, w, slots, t] = step(state.w, state.slots, state.t, tree.ref(x));
      state = { w, slots, t };
      return read(value);
    },
    reset: () => {
      tree.dispose(state);
      state = start();
    },
  };
};

/** PyTorch's linear layer: the weight is [out, in]. */
const linear = (x: Tensor, w: Tensors, name: string): Tensor => np.matmul(x, w[`${name}.weight`].ref.transpose()).add(w[`${name}.bias`].ref);

const layerNorm = (x: Tensor, w: Tensors, name: string): Tensor =>
  nn.standardize(x, -1, { epsilon: 1e-5 }).mul(w[`${name}.weight`].ref).add(w[`${name}.bias`].ref);

const gelu = (x: Tensor): Tensor => nn.gelu(x, { approximate: false });

const crossEntropy = (logits: Tensor, label: Tensor): Tensor => np.mean(np.sum(nn.logSoftmax(logits, -1).mul(nn.oneHot(label, 10)), -1)).mul(-1);

const classifier = (x: Tensor, w: Tensors): Tensor => linear(nn.relu(linear(x, w, "net.0")), w, "net.2");

const cnn = (x: Tensor, w: Tensors): Tensor => {
  const stage = (y: Tensor, name: string): Tensor => {
    const z = nn.relu(lax.conv(y, w[`${name}.weight`].ref, [1, 1], "SAME").add(w[`${name}.bias`].ref.reshape([-1, 1, 1])));
    const [n, c, height, width] = z.shape;
    return np.max(z.reshape([n, c, height / 2, 2, width / 2, 2]), [3, 5]);
  };
  return linear(stage(stage(x, "conv1"), "conv2").reshape([-1, 32 * 7 * 7]), w, "fc");
};

const block = (x: Tensor, w: Tensors): Tensor => {
  const [batch, positions, width] = x.shape;
  const qkv = linear(layerNorm(x.ref, w, "block.norm1"), w, "block.qkv").reshape([batch, positions, 3, 4, width / 4]);
  const heads = np.transpose(qkv, [2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((i) => heads.ref.slice(i));
  heads.dispose();
  // nn.dotProductAttention is the same, but takes a Node with iterator helpers (from version 22 on)
  const attention = nn.softmax(np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(width / 4)), -1);
  const mixed = np.transpose(np.matmul(attention, v), [0, 2, 1, 3]).reshape([batch, positions, width]);
  const y = x.add(linear(mixed, w, "block.proj"));
  return y.ref.add(linear(gelu(linear(layerNorm(y, w, "block.norm2"), w, "block.fc1")), w, "block.fc2"));
};

const lstm = (x: Tensor, w: Tensors): Tensor => {
  const [steps, batch, width] = x.shape;
  const projected = np.matmul(x, w["lstm.weight_ih_l0"].ref.transpose()).add(w["lstm.bias_ih_l0"].ref.add(w["lstm.bias_hh_l0"].ref));
  let h = np.zeros([batch, width]), c = np.zeros([batch, width]);
  const hs: Tensor[] = [];
  for (let s = 0; s < steps; s++) {
    const gates = projected.ref.slice(s).add(np.matmul(h, w["lstm.weight_hh_l0"].ref.transpose()));
    const [i, f, g, o] = [0, 1, 2, 3].map((n) => gates.ref.slice([], [n * width, (n + 1) * width]));
    gates.dispose();
    c = nn.sigmoid(f).mul(c).add(nn.sigmoid(i).mul(np.tanh(g)));
    h = nn.sigmoid(o).mul(np.tanh(c.ref));
    hs.push(h.ref);
  }
  tree.dispose([projected, h, c]);
  return np.stack(hs);
};

/** Three steps of gradient descent, a sample each, on one variable, as one function. */
const line: Write = (task) => {
  const { x, y } = arrays(task.inputs), start = () => array(task.weights.w);
  const loss = (w: Tensor, xi: Tensor, yi: Tensor): Tensor => np.square(xi.mul(w).sub(yi));
  const steps = jit((w: Tensor, xs: Tensor, ys: Tensor): Tensor => {
    let at = w;
    for (let i = 0; i < 3; i++) {
      const [, g] = valueAndGrad(loss)(at.ref, xs.ref.slice(i), ys.ref.slice(i)) as [Tensor, Tensor];
      at = at.sub(g.mul(0.01));
    }
    tree.dispose([xs, ys]);
    return at;
  });
  let w = start();
  return {
    call: () => {
      w = steps(w, x.ref, y.ref);
      return read(w.ref);
    },
    reset: () => {
      w.dispose();
      w = start();
    },
  };
};

const written: Readonly<Record<string, Write>> = {
  W1: training(({ w1, w2 }, { x, y }) => np.sum(np.square(np.matmul(np.maximum(np.matmul(x, w1), 0), w2).sub(y))), sgd(1e-6)),
  W2: line,
  W3: training((w, { x, label }) => crossEntropy(classifier(x, w), label), adam(1e-3)),
  W4: training((w, { x, label }) => crossEntropy(cnn(x, w), label), sgd(0.01)),
  W4i: forward(({ x }, w) => cnn(x, w)),
  W5: forward(({ x }, w) => block(x, w)),
  W5t: training((w, { x, y }) => np.mean(np.square(block(x, w).sub(y))), adam(1e-3)),
  W6: forward(({ a, b }) => np.matmul(a, b)),
  W7a: forward(({ x }) => nn.softmax(x, -1)),
  W7b: forward(({ x }, w) => layerNorm(x, w, "norm")),
  W7c: forward(({ x }) => gelu(x.ref.mul(2).add(1)).mul(nn.sigmoid(x))),
  W8: forward(({ x }, w) => lstm(x, w)),
  W9: forward(({ x }, w) => classifier(x, w)),
};

export async function create({ backend = "wasm" }: { readonly backend?: "wasm" | "webgpu" }): Promise<Contender> {
  if (backend === "webgpu") {
    const found = await startGpu();
    if (found !== true) throw new Unavailable(found);
  }
  if (!(await init(backend)).includes(backend)) throw new Unavailable(`its ${backend} backend does not start`);
  defaultDevice(backend);
  return async (task) => {
    const write = written[task.id];
    if (!write) throw new Unavailable("it is not written for it");
    return write(task);
  };
}
