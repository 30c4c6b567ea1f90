import { expectTypeOf, test } from "vitest";
import { cond, defineModel, f32, f64, grad, i32, jvp, losses, nn, optim, scan, vjp, whileLoop, type Float, type Layer, type Scope, type Tensor } from "chainrule";

/** What the type checker knows of a model. `tsc` runs this file; nothing executes it. */

test("inputs are tensors of their declared types", () => {
  expectTypeOf(f32("B", 64).shape).toEqualTypeOf<["B", 64]>();
  defineModel("net", (m) => {
    m.fn("f", { x: f32("B", 64), label: i32("B"), s: f64() }, ({ x, label, s }) => {
      expectTypeOf(x).toEqualTypeOf<Tensor<["B", 64], "f32">>();
      expectTypeOf(label).toEqualTypeOf<Tensor<["B"], "i32">>();
      expectTypeOf(s).toEqualTypeOf<Tensor<[], "f64">>();
      return { x };
    });
    const w = m.param("w", [3, 4]), n = m.state("n", [], { dtype: "i32" });
    expectTypeOf(w).toEqualTypeOf<Tensor<[3, 4], "f32">>();
    expectTypeOf(n).toEqualTypeOf<Tensor<[], "i32">>();
    const double = m.fn("double", { x: f32("B") }, ({ x }) => ({ y: x.mul(2) }));
    expectTypeOf(double).returns.toEqualTypeOf<{ y: Tensor<["B"], "f32"> }>();
    // @ts-expect-error a tensor of another shape
    double({ x: w });
  });
  defineModel("wide", { dtype: "f64" }, (m) => {
    expectTypeOf(m.param("w", [2])).toEqualTypeOf<Tensor<[2], "f64">>();
    expectTypeOf(m.param("v", [2], { dtype: "f32" })).toEqualTypeOf<Tensor<[2], "f32">>();
  });
});

test("layers know their widths", () => {
  defineModel("net", (m) => {
    const fc1 = m.use("fc1", nn.linear(64, 128)), fc2 = m.use("fc2", nn.linear(128, 10));
    const logits = (x: Tensor<["B", 64], "f32">) => fc2(fc1(x).relu());
    m.fn("f", { x: f32("B", 64), y: f32("B", 65), any: f32("B", "D") }, ({ x, y, any }) => {
      expectTypeOf(logits(x)).toEqualTypeOf<Tensor<["B", 10], "f32">>();
      // @ts-expect-error the layer takes [..., 64], not [B, 65]: 65 against 64
      fc1(y);
      // @ts-expect-error the layer takes [..., 128], not [B, 64]: 64 against 128
      fc2(x);
      // @ts-expect-error a named dimension is not 64
      fc1(any);
      expectTypeOf(fc1(x as Tensor)).toExtend<Tensor>();
      expectTypeOf(fc1(x.sum(0))).toEqualTypeOf<Tensor<[128], "f32">>();
      return { y: logits(x) };
    });
    const e = m.use("e", nn.embedding(100, 16)), norm = m.use("norm", nn.layerNorm(16));
    m.fn("g", { i: i32("B", "T") }, ({ i }) => {
      expectTypeOf(norm(e(i))).toEqualTypeOf<Tensor<["B", "T", 16], "f32">>();
      return { y: e(i) };
    });
  });
});

test("a sequence knows its widths, and a layer that does not fit is no layer", () => {
  defineModel("net", (m) => {
    const net = m.use("net", nn.sequential(nn.linear(4, 8), nn.relu(), nn.dropout(0.1), nn.linear(8, 2)));
    const same = m.use("same", nn.sequential(nn.relu(), nn.tanh()));
    const mixed = m.use("mixed", nn.sequential(nn.linear(4, 8), (scope: Scope<Float>) => { void scope; return (x: Tensor) => x.mul(2); }));
    m.fn("f", { x: f32("B", 4) }, ({ x }) => {
      expectTypeOf(net(x)).toEqualTypeOf<Tensor<["B", 2], "f32">>();
      expectTypeOf(same(x)).toEqualTypeOf<Tensor<["B", 4], "f32">>();
      expectTypeOf(mixed(x)).toEqualTypeOf<Tensor>();
      return { y: net(x) };
    });
    // @ts-expect-error a layer takes [..., 9], the one before it gives [..., 8]
    m.use("wrong", nn.sequential(nn.linear(4, 8), nn.relu(), nn.linear(9, 2)));
  });
  const block = (width: number): Layer<(x: Tensor) => Tensor> => (scope) => {
    const fc = scope.use("fc", nn.linear(width, width));
    return (x) => fc(x).add(x);
  };
  defineModel("net", (m) => { expectTypeOf(m.use("b", block(3))).toEqualTypeOf<(x: Tensor) => Tensor>(); });
});

test("losses check the shape of their target", () => {
  defineModel("net", (m) => {
    m.fn("f", { x: f32("B", 10), y: f32("B"), label: i32("B"), p: f32("B", 10) }, ({ x, y, label, p }) => {
      expectTypeOf(losses.crossEntropy(x, label)).toEqualTypeOf<Tensor<[], "f32">>();
      expectTypeOf(losses.crossEntropy(x, p, { reduction: "none" })).toEqualTypeOf<Tensor<["B"], "f32">>();
      expectTypeOf(losses.mse(x, p, { reduction: "none" })).toEqualTypeOf<Tensor<["B", 10], "f32">>();
      // @ts-expect-error mse: the input is [B, 10], the target [B]
      losses.mse(x, y);
      // @ts-expect-error crossEntropy: class indices have shape [B]
      losses.crossEntropy(x, label.unsqueeze(-1));
      return { y: losses.mse(x as Tensor, y) };
    });
    m.trainStep("train", { x: f32("B", 10), lr: f32() }, ({ x }) => ({ loss: x.mean(), peak: x.amax() }), ({ lr }) => optim.sgd({ lr }));
  });
});

test("control flow and derivatives keep structures and types", () => {
  defineModel("net", (m) => {
    m.fn("f", { xs: f32("T", 2), h: f32(2), n: i32() }, ({ xs, h, n }) => {
      const [last, ys] = scan((c, x, step) => {
        expectTypeOf(c).toEqualTypeOf<Tensor<[2], "f32">>();
        expectTypeOf(x).toEqualTypeOf<Tensor<[2], "f32">>();
        expectTypeOf(step).toEqualTypeOf<Tensor<[], "i32">>();
        return [c.add(x), { y: c }];
      }, h, xs);
      expectTypeOf(last).toEqualTypeOf<Tensor<[2], "f32">>();
      expectTypeOf(ys.y).toExtend<Tensor>();
      const state = whileLoop({ h, n }, ({ n }) => n.lt(3), ({ h, n }) => ({ h: h.mul(2), n: n.add(1) }));
      expectTypeOf(state.n).toEqualTypeOf<Tensor<[], "i32">>();
      expectTypeOf(cond(n.gt(0), () => h, () => h.neg())).toEqualTypeOf<Tensor<[2], "f32">>();
      const y = h.square().sum();
      const [g] = grad(y, [h]);
      expectTypeOf(g).toEqualTypeOf<Tensor<[2], "f32">>();
      expectTypeOf(grad(y, { a: h }).a).toEqualTypeOf<Tensor<[2], "f32">>();
      expectTypeOf(vjp(y, h, y)).toEqualTypeOf<Tensor<[2], "f32">>();
      expectTypeOf(jvp(y, h, h)).toEqualTypeOf<Tensor<[], "f32">>();
      return { last, g };
    });
  });
});
