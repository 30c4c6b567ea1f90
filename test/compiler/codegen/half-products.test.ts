import { expect, test } from "vitest";
import { bf16, defineModel, f16, grad, nn, type Tensor } from "../../../ir/index.ts";
import { interpret, ndarray } from "../../../ir/interpret/index.ts";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { unstored } from "../../../ir/types/index.ts";
import { compiledOn, targets } from "../../targets.ts";

/** Whole numbers from -2 to 2: products of some tens of them add up to what f16 holds exactly, and of a few to what bf16 does. */
const whole = (size: number, seed: number): Float32Array => Float32Array.from({ length: size }, (_, i) => ((i * 7 + seed * 13 + (i >> 3)) % 5) - 2);
const bounds = { f16: 2048, bf16: 256 };

for (const target of targets)
  for (const [dtype, spec] of [["f16", f16], ["bf16", bf16]] as const)
    for (const [m, k, n] of [[1, 1, 1], [3, 5, 7], [4, 16, 8], [7, 33, 19], [13, 48, 26], [65, 17, 30]] as const)
      test.skipIf(target.why)(`products of ${dtype} on ${target.name}: [${m}, ${k}] by [${k}, ${n}], of every layout, exactly`, async () => {
        const model = defineModel("products", (model) => {
          model.fn("f", { a: spec("B", k), b: spec(k, n), c: spec(n, k), d: spec(k, "B"), v: spec(k) }, (given) => {
            const { a, b, c, d, v } = given as unknown as Record<string, Tensor>;
            return { ab: a.matmul(b), ac: a.matmul(c.t()), db: d.t().matmul(b), relu: a.matmul(b).relu().add(1), av: a.matmul(v), mixed: a.float().matmul(b.float()), fixed: b.t().matmul(c.t()), };
          });
          model.fn("g", { a: spec("B", k), b: spec(k, n), g: spec("B", n) }, (given) => {
            const { a, b, g } = given as unknown as Record<string, Tensor>;
            const [da, db] = grad(a.matmul(b).mul(g).float().sum(), [a, b]);
            return { da, db };
          });
        });
        const loaded = await compiledOn(target, model);
        const sizes: Record<string, readonly number[]> = { a: [m, k], b: [k, n], c: [n, k], d: [k, m], v: [k], g: [m, n] };
        for (const fn of model.functions) {
          const names = fn.inputs.map((v) => (v.node as unknown as { attrs: { name: string } }).attrs.name);
          const data = Object.fromEntries(names.map((name, i) => [name, whole(sizes[name].reduce((x, y) => x * y, 1), i)]));
          const want = interpret(expandDerivatives(fn), { inputs: Object.fromEntries(names.map((name) => [name, ndarray(dtype, sizes[name], data[name])])), variables: {} }).outputs;
          const got = await loaded.functions[fn.name](Object.fromEntries(names.map((name) => [name, { dtype, shape: sizes[name], data: data[name] }])));
          for (const [name, w] of Object.entries(want)) {
            if (w.data.some((x) => Math.abs(x) > bounds[dtype])) continue; // a sum of so many is rounded, in an order of the target's own
            // a product of one element may be -0, a sum of it is 0
            expect(Array.from(got[name].data, (x) => unstored(w.dtype, x) + 0), name).toEqual(Array.from(w.data, (x) => x + 0));
          }
        }
      });

for (const target of targets)
  test.skipIf(target.why)(`a convolution of f16 and its gradients on ${target.name}, exactly`, async () => {
    const model = defineModel("conv", (m) => {
      m.fn("f", { x: f16("N", 3, 9, 8), w: f16(5, 3, 3, 3), g: f16("N", 5, 9, 8) }, ({ x, w, g }) => {
        const conv = (a: Tensor, b: Tensor): Tensor => nn.functional.conv2d(a, b, null, { padding: 1 });
        const y = conv(x as Tensor, w as Tensor), [dx, dw] = grad(y.mul(g as Tensor).float().sum(), [x as Tensor, w as Tensor]);
        return { y, dx, dw, pooled: y.reshape([...y.shape.slice(0, 1), 5, 72]).amax(-1), place: y.argmax(1) };
      });
    });
    const loaded = await compiledOn(target, model);
    const shapes = { x: [2, 3, 9, 8], w: [5, 3, 3, 3], g: [2, 5, 9, 8] };
    const data = Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, whole(shape.reduce((a, b) => a * b, 1), i).map((x) => (name === "g" ? Math.sign(x) : x))]));
    const want = interpret(expandDerivatives(model.functions[0]), { inputs: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, ndarray("f16", shape, data[name])])), variables: {} }).outputs;
    const got = await loaded.functions.f(Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { dtype: "f16" as const, shape, data: data[name] }])));
    for (const [name, w] of Object.entries(want)) // a product of one element may be -0, a sum of it is 0
            expect(Array.from(got[name].data, (x) => unstored(w.dtype, x) + 0), name).toEqual(Array.from(w.data, (x) => x + 0));
  });
