import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineModel, f32, grad, nn, optim, type ModelBuilder, type Tensor } from "chainrule";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile, compileFunction } from "../../../compiler/pipeline.ts";
import { printKernel } from "../../../compiler/loops/print.ts";
import { findProduct } from "../../../compiler/loops/contract/product.ts";
import type { LoopVar, StoreSpec } from "../../../compiler/loops/ir.ts";
import { ExprPool } from "../../../compiler/loops/pool.ts";
import { golden } from "../../golden.ts";

// What a product's operands are computed of is computed in its kernel, as they are staged or packed.

const numRuns = Number(process.env.STAGED_RUNS ?? 15);

const programOf = (define: (m: ModelBuilder) => void) => compileFunction(defineModel("products", (m) => { define(m); }).functions[0], "wasm").plan;
const kernelsOf = (define: (m: ModelBuilder) => void): string[] => programOf(define).kernels.map((k) => printKernel(k).replace(/_L\d+|(?<=\.ts):\d+/g, ""));

describe("one kernel", () => {
  const product = (f: (x: Tensor, w: Tensor) => Tensor, rows: number | string = 64) => kernelsOf((m) => { m.fn("f", { x: f32(rows, 128), w: f32(128, 96) }, ({ x, w }) => ({ y: f(x, w) })); });

  test.each<[string, (x: Tensor, w: Tensor) => Tensor]>([
    ["the operand with the rows", (x, w) => x.relu().matmul(w)],
    ["the operand with the columns", (x, w) => x.matmul(w.relu())],
    ["both, transposed", (x, w) => w.sigmoid().t().matmul(x.mul(2).t())],
    ["with bias and activation", (x, w) => x.sub(1).matmul(w).add(1).relu()],
  ])("%s", (_, f) => {
    expect(product(f)).toHaveLength(1);
    expect(product(f, "B")).toHaveLength(1);
  });

  test("rows are computed along the fold, a tile at a time", () => {
    golden("loops/rows-computed.txt", product((x, w) => x.sigmoid().matmul(w), "B").join("\n"));
  });

  test("padding and what was before it are staged an image at a time", () => {
    golden("loops/staged.txt", kernelsOf((m) => {
      const conv = m.use("conv", nn.conv2d(4, 8, 3, { padding: 1, stride: 2 }));
      m.fn("f", { x: f32("B", 4, 12, 12) }, ({ x }) => ({ y: conv(x.relu()) }));
    }).join("\n"));
  });
});

describe("apart", () => {
  test("what somebody else reads as well is in memory", () => {
    expect(kernelsOf((m) => { m.fn("f", { x: f32(64, 128), w: f32(128, 96) }, ({ x, w }) => ({ y: x.relu().matmul(w), x: x.relu() })); })).toHaveLength(2);
  });

  test("what is dear is not computed for every group of columns", () => {
    const of = (columns: number) => kernelsOf((m) => { m.fn("f", { x: f32("B", 512), w: f32(512, columns) }, ({ x, w }) => ({ y: x.sigmoid().matmul(w) })); });
    expect(of(128)).toHaveLength(1);
    expect(of(1024)).toHaveLength(2);
  });

  test("a product that packs nothing reads memory", () => {
    expect(kernelsOf((m) => { m.fn("f", { x: f32(1, 128), w: f32(128, 96) }, ({ x, w }) => ({ y: x.sigmoid().matmul(w) })); })).toHaveLength(2);
  });
});

test("a training step of a convolutional net has no kernel that only pads", () => {
  const { kernels } = programOf((m) => {
    const [a, b] = [m.use("a", nn.conv2d(1, 8, 3, { padding: 1 })), m.use("b", nn.conv2d(8, 8, 3, { padding: 2, dilation: 2 }))];
    const loss = (x: Tensor): Tensor => b(a(x).relu()).square().mean();
    m.trainStep("train", { x: f32("B", 1, 12, 12) }, ({ x }) => loss(x), optim.sgd({ lr: 0.1 }));
  });
  expect(kernels.filter((k) => k.origins.every(({ op }) => op === "pad"))).toEqual([]);
});

// ---- values

const before = { nothing: (x: Tensor) => x, relu: (x: Tensor) => x.relu(), dear: (x: Tensor) => x.tanh().mul(2) };
type Before = keyof typeof before;
const someBefore = fc.constantFrom<Before>("nothing", "relu", "dear");

/** Every target's results and gradients of a function, in vectors of WebAssembly and in JavaScript, which stages nothing. */
async function agree(shapes: Readonly<Record<"x" | "w", readonly (number | string)[]>>, sizes: Readonly<Record<string, number>>, f: (x: Tensor, w: Tensor) => Tensor): Promise<void> {
  const model = defineModel("m", (m) => {
    m.fn("f", { x: f32(...shapes.x), w: f32(...shapes.w) }, ({ x, w }) => {
      const y = f(x, w), [dx, dw] = grad(y.mul(y.add(1)).sum(), [x, w]);
      return { y, dx, dw };
    });
  });
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, dims], k) => {
    const shape = dims.map((d) => (typeof d === "number" ? d : sizes[d])), size = shape.reduce((a, b) => a * b, 1);
    return [name, { dtype: "f32" as const, shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(1 + i * 1.7 + k)) }];
  }));
  const [want, got] = await Promise.all((["js", "wasm"] as const).map(async (target) => (await instantiate(compile(model, { target }))).sync.f(inputs)));
  for (const [name, { data }] of Object.entries(want)) {
    const scale = Math.max(1, ...Array.from(data as Float32Array, Math.abs));
    (got[name].data as Float32Array).forEach((v, i) => { if (!(Math.abs(v - Number(data[i])) <= 2e-5 * scale)) throw new Error(`${name}[${i}] is ${v}, not ${data[i]}`); });
  }
}

const axis = fc.record({ size: fc.integer({ min: 1, max: 9 }), kernel: fc.integer({ min: 1, max: 4 }), stride: fc.integer({ min: 1, max: 3 }), dilation: fc.integer({ min: 1, max: 3 }), padding: fc.integer({ min: 0, max: 4 }) })
  .filter(({ size, kernel, dilation, padding }) => size + 2 * padding > (kernel - 1) * dilation);

test("convolutions of every stride, dilation, padding and grouping", async () => {
  const groups = fc.constantFrom([1, 3, 5], [2, 4, 6], [4, 4, 4], [1, 4, 8], [1, 1, 16]), batch = fc.constantFrom<number | string>(1, 3, "B");
  await fc.assert(fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 3 }), groups, batch, someBefore, someBefore, async (axes, [groups, channels, outputs], batch, onX, onW) => {
    const list = (key: "stride" | "dilation" | "padding"): number[] => axes.map((a) => a[key]);
    const conv = [nn.functional.conv1d, nn.functional.conv2d, nn.functional.conv3d][axes.length - 1];
    await agree({ x: [batch, channels, ...axes.map((a) => a.size)], w: [outputs, channels / groups, ...axes.map((a) => a.kernel)] }, { B: 2 },
      (x, w) => conv(before[onX](x), before[onW](w), null, { groups, stride: list("stride"), dilation: list("dilation"), padding: list("padding") } as never));
  }), { numRuns });
}, 60_000 + 2_000 * numRuns);

test("products of any shape whose operands are computed, transposed or not", async () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(33, 64, 130)), rows = fc.oneof(size, fc.constant("M"));
  await fc.assert(fc.asyncProperty(rows, size, size, size, fc.boolean(), fc.boolean(), someBefore, someBefore, async (rows, depth, columns, M, isXTurned, isWTurned, onX, onW) => {
    await agree({ x: isXTurned ? [depth, rows] : [rows, depth], w: isWTurned ? [columns, depth] : [depth, columns] }, { M },
      (x, w) => before[onX](isXTurned ? x.t() : x).matmul(before[onW](isWTurned ? w.t() : w)));
  }), { numRuns });
}, 60_000 + 2_000 * numRuns);

test("a row's sum of squares along the loop that stores the row is no product", () => {
  const pool = new ExprPool(), v: LoopVar = { name: "i", extent: 17 }, at = pool.index.variable(v), dtype = "f32" as const;
  const value = pool.make({ kind: "scalar", dtype, op: "neg", args: [pool.make({ kind: "load", dtype, arg: 0, index: at })] });
  const sum = pool.make({ kind: "reduce", dtype, reducer: "sum", vars: [v], body: pool.make({ kind: "scalar", dtype, op: "mul", args: [value, value] }) });
  const row: StoreSpec = { arg: 1, domain: [v], index: at, value: pool.make({ kind: "scalar", dtype, op: "mul", args: [value, sum] }), mode: "set" };
  expect(findProduct([row], pool)).toBeUndefined();
  expect(findProduct([{ ...row, domain: [{ name: "j", extent: 17 }], index: pool.index.variable({ name: "j", extent: 17 }), value: sum }], pool)).toBeUndefined();
});
