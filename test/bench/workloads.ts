import { defineModel, f32, i32, losses, nn, optim, type Model, type Tensor } from "chainrule";
import type { Inputs } from "chainrule/runtime";

/** A thing to time: a model, the function to call, and what to call it with. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly model: () => Model;
  readonly call: string;
  readonly inputs: () => Inputs;
  /** The same by hand in JavaScript, where that is the comparison. Returns the expected output. */
  readonly byHand?: (inputs: Inputs) => () => Float32Array;
}

/** Numbers that look random and are the same on every run. */
export function noise(n: number, seed = 1): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  });
}
const labels = (n: number, classes: number): Int32Array => Int32Array.from({ length: n }, (_, i) => (i * 7) % classes);

const product = (n: number): Workload => ({
  id: `dot${n}`, title: `matrix product ${n}³`,
  model: () => defineModel("product", (m) => { m.fn("f", { a: f32(n, n), b: f32(n, n) }, ({ a, b }) => ({ y: a.matmul(b) })); }),
  call: "f",
  inputs: () => ({ a: noise(n * n, 1), b: noise(n * n, 2) }),
  byHand: ({ a, b }) => productByHand(a as Float32Array, b as Float32Array, n),
});

/** The 4×4 register-tiled loop that someone would write by hand. */
function productByHand(a: Float32Array, b: Float32Array, n: number): () => Float32Array {
  const c = new Float32Array(n * n);
  return () => {
    for (let i = 0; i < n; i += 4)
      for (let j = 0; j < n; j += 4) {
        let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
        let c20 = 0, c21 = 0, c22 = 0, c23 = 0, c30 = 0, c31 = 0, c32 = 0, c33 = 0;
        const r0 = i * n, r1 = r0 + n, r2 = r1 + n, r3 = r2 + n;
        for (let k = 0, at = j; k < n; k++, at += n) {
          const b0 = b[at], b1 = b[at + 1], b2 = b[at + 2], b3 = b[at + 3];
          const a0 = a[r0 + k], a1 = a[r1 + k], a2 = a[r2 + k], a3 = a[r3 + k];
          c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
          c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
          c20 += a2 * b0; c21 += a2 * b1; c22 += a2 * b2; c23 += a2 * b3;
          c30 += a3 * b0; c31 += a3 * b1; c32 += a3 * b2; c33 += a3 * b3;
        }
        c.set([c00, c01, c02, c03], r0 + j);
        c.set([c10, c11, c12, c13], r1 + j);
        c.set([c20, c21, c22, c23], r2 + j);
        c.set([c30, c31, c32, c33], r3 + j);
      }
    return c;
  };
}

export const workloads: readonly Workload[] = [
  product(512),
  {
    id: "W1", title: "two-layer net 64×1000→100→10, clamp, sum of squares, SGD step",
    model: () => defineModel("net", (m) => {
      const w1 = m.param("w1", [1000, 100]), w2 = m.param("w2", [100, 10]);
      m.trainStep("train", { x: f32("N", 1000), y: f32("N", 10) }, ({ x, y }) => x.mm(w1).clampMin(0).mm(w2).sub(y).square().sum(), optim.sgd({ lr: 1e-6 }));
    }),
    call: "train", inputs: () => ({ x: noise(64_000), y: noise(640, 2) }),
  },
  {
    id: "W2", title: "scalar linear model, 3 samples, 3 updates",
    model: () => defineModel("line", (m) => {
      const w = m.param("w", []);
      m.fn("train", { x: f32(3), y: f32(3) }, ({ x, y }) => {
        let v: Tensor = w;
        for (let i = 0; i < 3; i++) {
          const [xi, yi] = [x.select(0, i), y.select(0, i)];
          v = v.sub(xi.mul(v).sub(yi).mul(xi).mul(2 * 0.01));
        }
        return { outputs: { w: v }, updates: [[w, v]] };
      });
    }),
    call: "train", inputs: () => ({ x: Float32Array.of(1, 2, 3), y: Float32Array.of(2, 4, 6) }),
  },
  {
    id: "W3", title: "MLP 784-256-10, batch 128, cross-entropy, Adam step",
    model: () => defineModel("mlp", (m) => {
      const net = m.use("net", nn.sequential(nn.linear(784, 256), nn.relu(), nn.linear(256, 10)));
      m.trainStep("train", { x: f32("B", 784), label: i32("B") }, ({ x, label }) => losses.crossEntropy(net(x), label), optim.adam({ lr: 1e-3 }));
    }),
    call: "train", inputs: () => ({ x: noise(128 * 784), label: labels(128, 10) }),
  },
  {
    id: "W7a", title: "softmax 4096×512",
    model: () => defineModel("softmax", (m) => { m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: x.softmax(-1) })); }),
    call: "f", inputs: () => ({ x: noise(4096 * 512) }),
  },
  {
    id: "W7b", title: "layer norm 4096×512",
    model: () => defineModel("norm", (m) => {
      const norm = m.use("norm", nn.layerNorm(512));
      m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: norm(x) }));
    }),
    call: "f", inputs: () => ({ x: noise(4096 * 512) }),
  },
  {
    id: "W7c", title: "gelu(2x+1)·sigmoid(x), 4096×512",
    model: () => defineModel("chain", (m) => { m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: x.mul(2).add(1).gelu().mul(x.sigmoid()) })); }),
    call: "f", inputs: () => ({ x: noise(4096 * 512) }),
  },
  {
    id: "W9", title: "MLP 784-256-10 forward, batch 1",
    model: () => defineModel("mlp", (m) => {
      const net = m.use("net", nn.sequential(nn.linear(784, 256), nn.relu(), nn.linear(256, 10)));
      m.fn("predict", { x: f32("B", 784) }, ({ x }) => ({ y: net(x) }));
    }),
    call: "predict", inputs: () => ({ x: noise(784) }),
  },
];

