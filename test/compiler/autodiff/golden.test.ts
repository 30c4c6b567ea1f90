import { test } from "vitest";
import { nn } from "chainrule";
import { emit, type GraphFunction, type Value } from "../../../ir/graph/index.ts";
import { wrap } from "../../../ir/tensor/tensor.ts";
import { printFunction } from "../../../ir/text/index.ts";
import type { Shape } from "../../../ir/types/index.ts";
import { golden } from "../../golden.ts";
import { add, constant, expanded, fn, grad, input, jvp, mul, op, region, sumAll, tanh } from "./support.ts";

/** What a derivative looks like before it is simplified: the function as declared, then expanded. */
function show(name: string, f: GraphFunction): void {
  golden(`autodiff/${name}.txt`, `# as declared\n${printFunction(f)}\n# derivatives expanded\n${printFunction(expanded(f))}`);
}

const f32 = (name: string, ...shape: Shape): Value => input(name, "f32", shape);
const i32 = { dtype: "i32", shape: [] } as const, scalar = { dtype: "f32", shape: [] } as const, vector = { dtype: "f32", shape: [4] } as const;

test("a linear layer with a relu and a squared error", () => {
  const x = f32("x", "B", 4), w = f32("w", 4, 3), b = f32("b", 3), y = f32("y", "B", 3);
  const error = wrap(x).matmul(wrap(w)).add(wrap(b)).relu().sub(wrap(y));
  show("linear", fn([x, w, b, y], grad(error.square().mean().value, w, b)));
});

test("a linear layer whose weight is stored transposed needs no transpose", () => {
  const x = f32("x", "B", 4), w = f32("w", 3, 4);
  show("transposed-weight", fn([x, w], grad(sumAll(op("tanh", [op("dot", [x, w], { batch: [], contract: [[1, 1]] })])), x, w)));
});

test("a convolution with a stride, a relu and pooling: strides become gaps, and the maxima's positions lead back", () => {
  const x = f32("x", "B", 1, 9, 9), w = f32("w", 4, 1, 3, 3), b = f32("b", 4);
  const y = nn.functional.conv2d(wrap(x), wrap(w), wrap(b), { stride: 2, padding: 1 }).relu();
  const loss = nn.functional.maxPool2d(y, 2).square().sum();
  show("conv", fn([x, w, b], [loss.value, ...grad(loss.value, x, w, b)]));
});

test("a second derivative", () => {
  const x = f32("x", 3);
  const [g] = grad(sumAll(op("sin", [mul(x, x)])), x);
  show("second-order", fn([x], grad(sumAll(g), x)));
});

test("a recurrent net: one forward scan that keeps what the backward one reads", () => {
  const h = f32("h", 4), xs = f32("xs", "T", 4), w = f32("w", 4, 4);
  const [last] = emit("scan", [h, xs, w], { carries: 1, xs: 1, length: "T", reverse: false }, [
    region([i32, vector, vector, { dtype: "f32", shape: [4, 4] }], (_, c, x, m) => [tanh(add(op("dot", [m, c], { batch: [], contract: [[1, 0]] }), x))]),
  ]);
  const loss = sumAll(mul(last, last));
  show("scan", fn([h, xs, w], [loss, ...grad(loss, w, xs)]));
});

test("a while that records, and runs back", () => {
  const x = f32("x");
  const [last] = emit("while", [x], { carries: 1, maxTrips: 8 }, [
    region([scalar], (c) => [op("lt", [c, constant("f32", [], 100)])]),
    region([scalar], (c) => [mul(c, c)]),
  ]);
  show("while", fn([x], grad(last, x)));
});

test("a cond", () => {
  const x = f32("x"), y = f32("y"), p = input("p", "bool", []);
  const [z] = emit("cond", [p, x, y], {}, [region([scalar, scalar], (a, b) => [mul(a, b)]), region([scalar, scalar], (a) => [op("exp", [a])])]);
  show("cond", fn([p, x, y], grad(z, x, y)));
});

test("tangents", () => {
  const x = f32("x", 3), t = f32("t", 3);
  show("jvp", fn([x, t], jvp([sumAll(op("exp", [mul(x, x)]))], [x], [t])));
});
