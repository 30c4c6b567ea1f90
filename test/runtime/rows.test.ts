import { expect, test } from "vitest";
import { defineModel, f32, grad, losses, nn, type Tensor } from "chainrule";
import { instantiate } from "../../compiler/artifact/index.ts";
import { compile } from "../../compiler/pipeline.ts";

const rows = (f: (x: Tensor<["B", number]>) => Tensor) => (width: number) => defineModel("m", (m) => { m.fn("f", { x: f32("B", width) }, ({ x }) => ({ y: f(x as Tensor<["B", number]>) })); });

/** A row at a time, and all rows at once. */
const kernels: Readonly<Record<string, (width: number) => ReturnType<typeof defineModel>>> = {
  softmax: rows((x) => x.softmax(-1)),
  "log-softmax": rows((x) => x.logSoftmax(-1)),
  "sums of rows": rows((x) => x.exp().sum(-1)),
  "sums of columns": rows((x) => x.mul(x).sum(0)),
  "a sum of everything": rows((x) => x.sum()),
  "the mean's distances": rows((x) => x.sub(x.mean()).tanh()),
  "layer norm": (width) => defineModel("m", (m) => {
    const norm = m.use("norm", nn.layerNorm(width));
    m.fn("f", { x: f32("B", width) }, ({ x }) => ({ y: norm(x as Tensor<["B", number]>) }));
  }),
  "cross-entropy and its gradient": (width) => defineModel("m", (m) => {
    m.fn("f", { x: f32("B", width) }, ({ x }) => {
      const loss = losses.crossEntropy(x, x.argmax(-1)), [g] = grad(loss, [x]);
      return { y: g, loss };
    });
  }),
};

for (const [name, make] of Object.entries(kernels))
  test(`${name}: the same bits on one thread and on several`, async () => {
    for (const [width, heights] of [[10, [1, 7, 500]], [37, [64, 3]], [515, [2, 33]]] as const) {
      const compiled = compile(make(width), { target: "wasm", grain: 1 });
      const [one, ...others] = await Promise.all([1, 2, 3].map((threads) => instantiate(compiled, { device: "wasm", threads })));
      for (const height of heights) {
        const x = Float32Array.from({ length: height * width }, (_, i) => 3 * Math.sin(i * i));
        const want = one.sync.f({ x });
        for (const other of others) expect(other.sync.f({ x })).toEqual(want);
      }
    }
  });
