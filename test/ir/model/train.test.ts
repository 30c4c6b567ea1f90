import { expect, test } from "vitest";
import { assign, defineModel, f32, i32, isTraining, latest, losses, nn, optim, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const close = (got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-9): void => {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) expect(got[i]).toBeCloseTo(want[i], -Math.log10(tolerance));
};
test("returns the loss and the metrics; trains only what the loss depends on", () => {
  const model = defineModel("net", (m) => {
    const a = m.use("a", nn.linear(2, 3)), b = m.use("b", nn.linear(2, 3));
    m.trainStep("train", { x: f32("B", 2), label: i32("B") }, ({ x, label }) => {
      const logits = a(x);
      return { loss: losses.crossEntropy(logits, label), accuracy: logits.argmax(-1).eq(label).convert("f32").mean() };
    }, optim.adam());
    m.fn("other", { x: f32("B", 2) }, ({ x }) => ({ y: b(x) }));
  });
  const [train] = model.functions;
  expect(train.outputs.map((o) => o.name)).toEqual(["loss", "accuracy"]);
  expect(train.updates.map((u) => u.variable)).toEqual([
    "adam.a.weight.exp_avg", "adam.a.weight.exp_avg_sq", "adam.step", "a.weight", "adam.a.bias.exp_avg", "adam.a.bias.exp_avg_sq", "a.bias",
  ]);
  expect(model.variables.filter((v) => v.role === "state").map((v) => v.name)).toEqual([
    "adam.a.weight.exp_avg", "adam.a.weight.exp_avg_sq", "adam.step", "adam.a.bias.exp_avg", "adam.a.bias.exp_avg_sq",
  ]);
});

test("a step behind stopGradient is not trained; parameters can be listed", () => {
  const define = (params?: (w: Tensor, v: Tensor) => Tensor[]) => defineModel("net", (m) => {
    const w = m.param("w", [2]), v = m.param("v", [2]);
    m.trainStep("train", { x: f32(2) }, ({ x }) => x.mul(w).add(v.stopGradient()).sum(), optim.sgd(), params ? { params: params(w, v) } : {});
  });
  expect(define().functions[0].updates.map((u) => u.variable)).toEqual(["w"]);
  expect(define((w) => [w]).functions[0].updates.map((u) => u.variable)).toEqual(["w"]);
  expect(mistake(() => define((_, v) => [v]))).toMatch(/train: the loss does not depend on "v", f32\[2\]/);
});

test("mistakes in the loss", () => {
  const define = (loss: (x: Tensor, w: Tensor) => unknown) => mistake(() => defineModel("net", (m) => {
    const w = m.param("w", [2]);
    m.trainStep("train", { x: f32("B", 2) }, (({ x }: { x: Tensor }) => loss(x, w)) as never, optim.sgd());
  }));
  expect(define((x, w) => x.mul(w))).toMatch(/train: the loss is f32\[B,2\]; it must be a float scalar\n {2}reduce it/);
  expect(define((x) => x.sum())).toMatch(/train: the loss depends on no parameter/);
  expect(define((x, w) => ({ value: x.mul(w).sum() }))).toMatch(/train: the loss function returns no loss/);
});

test("gradient accumulation equals one large batch", () => {
  const define = (accumulate?: number) => new Session(defineModel("net", (m) => {
    const fc = m.use("fc", nn.linear(3, 2));
    m.trainStep("train", { x: f32("B", 3), label: i32("B"), scale: f32() }, ({ x, label, scale }) => {
      const logits = fc(x).mul(scale);
      return { loss: losses.crossEntropy(logits, label), accuracy: logits.argmax(-1).eq(label).convert("f32").mean() };
    }, optim.sgd({ lr: 0.5, momentum: 0.9 }), accumulate === undefined ? {} : { accumulate });
  }), [7, 8]);
  const rows = [[1, 2, 3], [0, -1, 2], [2, 2, -1], [1, 0, 0], [-1, 1, 0], [0.5, 0.5, 2]], label = [0, 1, 1, 0, 1, 0];
  const large = define(), small = define(3);
  const groups = <T>(xs: T[]): T[][] => [xs.slice(0, 2), xs.slice(2, 4), xs.slice(4)];
  for (let i = 0; i < 3; i++) {
    const a = large.numbers("train", { x: rows, label, scale: 1.5 });
    const b = small.numbers("train", { x: groups(rows), label: groups(label), scale: 1.5 });
    close(b.loss, a.loss);
    close(b.accuracy, a.accuracy);
    close(small.variables["fc.weight"].data, large.variables["fc.weight"].data);
  }
  expect(small.model.functions[0].inputs.map((v) => v.type.shape)).toEqual([[3, "B", 3], [3, "B"], []]);
});

test("a parameter that was prepared outside the loss keeps its gradient under accumulation", () => {
  const s = new Session(defineModel("net", (m) => {
    const w = m.param("w", [2], { init: [1, 2] });
    const doubled = w.mul(2); // made once, used in every micro-batch
    m.trainStep("train", { x: f32("B", 2) }, ({ x }) => x.mul(doubled).sum(), optim.sgd({ lr: 1 }), { accumulate: 2 });
  }));
  s.call("train", { x: [[[1, 1]], [[3, 5]]] });
  expect([...s.variables.w.data]).toEqual([1 - 4, 2 - 6]);
});

test("state in layers: assigned in training functions, in the order of the calls", () => {
  const s = new Session(defineModel("net", (m) => {
    const count = m.use("counter", (scope) => {
      const n = scope.state("n", []);
      return (x: Tensor): Tensor => {
        if (isTraining()) assign(n, latest(n).mul(2).add(1));
        return x.add(latest(n));
      };
    });
    m.fn("train", { x: f32() }, ({ x }) => ({ y: count(count(x)) }), { train: true });
    m.fn("eval", { x: f32() }, ({ x }) => ({ y: count(x) }));
  }));
  expect(s.numbers("train", { x: 0 })).toEqual({ y: [4] }); // 0 + 1, then + 3
  expect(s.variables["counter.n"].data[0]).toBe(3);
  expect(s.numbers("eval", { x: 0 })).toEqual({ y: [3] });
  expect(s.variables["counter.n"].data[0]).toBe(3);
  expect(s.model.functions[1].updates).toEqual([]);
});

test("assign outside a function, and of another shape", () => {
  expect(mistake(() => defineModel("net", (m) => { const n = m.state("n", []); assign(n, n.add(1)); }))).toMatch(/assign to "n" outside a function/);
  expect(mistake(() => defineModel("net", (m) => {
    const n = m.state("n", [2]);
    m.fn("f", { x: f32(3) }, ({ x }) => { assign(n, x); return { x }; });
  }))).toMatch(/assign to "n": it is f32\[2\] \(train\.test\.ts:\d+\), the new value is f32\[3\]/);
});

test("the learning rate can be an input", () => {
  const s = new Session(defineModel("net", (m) => {
    const w = m.param("w", [], { init: 1 });
    m.trainStep("train", { x: f32(), lr: f32() }, ({ x }) => x.mul(w), ({ lr }) => optim.sgd({ lr }));
  }));
  s.call("train", { x: 2, lr: 0.25 });
  expect(s.variables.w.data[0]).toBe(0.5);
});

test("two optimizers of a kind need names; one optimizer can serve two functions", () => {
  const two = (second: optim.Optimizer) => defineModel("gan", (m) => {
    const g = m.param("g", []), d = m.param("d", []);
    m.trainStep("trainG", { x: f32() }, ({ x }) => x.mul(g), optim.adam());
    m.trainStep("trainD", { x: f32() }, ({ x }) => x.mul(d), second);
  });
  expect(mistake(() => two(optim.adam()))).toMatch(/two variables "adam\.step".*\n {2}give one of the two optimizers another name/);
  expect(two(optim.adam({ name: "adamD" })).variables.map((v) => v.name)).toContain("adamD.d.exp_avg");

  const shared = new Session(defineModel("net", (m) => {
    const w = m.param("w", []), adam = optim.adam();
    m.trainStep("a", { x: f32() }, ({ x }) => x.mul(w), adam);
    m.trainStep("b", { x: f32() }, ({ x }) => x.mul(w).square(), adam);
  }));
  shared.call("a", { x: 1 });
  shared.call("b", { x: 1 });
  expect(shared.variables["adam.step"].data[0]).toBe(2);
});
