import { defineModel, f32, nn } from "chainrule";
import { noise, type Workload } from "../workload.ts";

/** Single operations: a matrix product, reductions along rows, a chain of elementwise ones. */

const forward = { call: "f", output: "y", calls: 1, weights: () => ({}) } as const;
const rows = { ...forward, inputs: () => ({ x: noise([4096, 512]) }) } as const;

export const kernels: readonly Workload[] = [
  {
    ...forward, id: "W6", title: "matmul 1024³",
    model: () => defineModel("product", (m) => { m.fn("f", { a: f32(1024, 1024), b: f32(1024, 1024) }, ({ a, b }) => ({ y: a.matmul(b) })); }),
    inputs: () => ({ a: noise([1024, 1024], 1), b: noise([1024, 1024], 2) }),
  },
  {
    ...rows, id: "W7a", title: "softmax 4096×512",
    model: () => defineModel("softmax", (m) => { m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: x.softmax(-1) })); }),
  },
  {
    ...rows, id: "W7b", title: "layer norm 4096×512",
    model: () => defineModel("norm", (m) => {
      const norm = m.use("norm", nn.layerNorm(512));
      m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: norm(x) }));
    }),
    weights: () => ({ "norm.weight": noise([512], 2), "norm.bias": noise([512], 3) }),
  },
  {
    ...rows, id: "W7c", title: "gelu(2x+1)·sigmoid(x), 4096×512",
    model: () => defineModel("chain", (m) => { m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: x.mul(2).add(1).gelu().mul(x.sigmoid()) })); }),
  },
];
