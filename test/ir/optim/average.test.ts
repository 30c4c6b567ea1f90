import { expect, test } from "vitest";
import { defineModel, f32, grad, nn, optim, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

/** w starts at 0 and goes down by 1 a step. */
const walking = (options: optim.AverageOptions) => new Session(defineModel("net", (m) => {
  const w = m.param("w", [], { init: 0 }), averaged = optim.average(optim.sgd({ lr: 1 }), options);
  m.trainStep("train", {}, () => w.mul(1), averaged);
  m.fn("now", { x: f32() }, ({ x }) => ({ y: averaged.apply(() => w.mul(x)), z: w.mul(x) }));
}));
const averages = (s: Session, steps: number): number[] => Array.from({ length: steps }, () => { s.call("train"); return s.numbers("now", { x: 1 }).y[0]; });

test("an equal average of all steps, an exponential one, one that starts late, one of every other step", () => {
  expect(averages(walking({}), 4)).toEqual([-1, -1.5, -2, -2.5]);
  expect(averages(walking({ decay: 0.5 }), 4)).toEqual([-1, -1.5, -2.25, -3.125]);
  expect(averages(walking({ start: 2 }), 4)).toEqual([0, 0, -3, -3.5]);
  expect(averages(walking({ every: 2 }), 4)).toEqual([-1, -1, -2, -2]);
});

test("a function computes with the averages in layers, loops and derivatives; others with the weights themselves", () => {
  const s = new Session(defineModel("net", (m) => {
    const fc = m.use("fc", nn.linear(1, 1, { weightInit: [[0]], biasInit: [0] })), averaged = optim.average(optim.sgd({ lr: 1 }), { name: "ema", decay: 0.5 });
    m.trainStep("train", { x: f32(1) }, ({ x }) => fc(x as Tensor).sum(), averaged);
    m.fn("f", { x: f32(1) }, ({ x }) => averaged.apply(() => {
      const y = fc(x as Tensor).square().sum();
      return { y, g: grad(y, [x])[0] };
    }));
    m.fn("plain", { x: f32(1) }, ({ x }) => ({ y: fc(x as Tensor).square().sum() }));
  }));
  for (let i = 0; i < 2; i++) s.call("train", { x: [2] });
  // weights -2, -4 and averages -2, -3; biases -1, -2 and -1, -1.5
  expect(s.numbers("f", { x: [1] })).toEqual({ y: [20.25], g: [2 * 4.5 * 3] });
  expect(s.numbers("plain", { x: [1] }).y).toEqual([36]);
  expect(Object.keys(s.variables).filter((n) => n.startsWith("ema."))).toEqual(["ema.steps", "ema.n_averaged", "ema.fc.weight", "ema.fc.bias"]);
});

test("mistakes", () => {
  expect(mistake(() => optim.average(optim.sgd(), { decay: 2 }))).toMatch(/average: the decay is 2/);
  expect(mistake(() => defineModel("net", (m) => { const a = optim.average(optim.sgd()); m.fn("f", { x: f32() }, ({ x }) => ({ y: a.apply(() => x) })); }))).toMatch(/average.apply: no parameter has an average yet\n {2}declare the training step before/);
});

test("a rate that waits for its metric is kept in the model, and optimizers follow it", () => {
  const s = new Session(defineModel("net", (m) => {
    const w = m.param("w", [], { init: 0 }), plateau = optim.reduceLROnPlateau(1, { factor: 0.5, patience: 1 });
    m.trainStep("train", {}, () => w.mul(1), optim.sgd({ lr: plateau.lr }));
    m.fn("validate", { loss: f32() }, ({ loss }) => ({ lr: plateau.step(loss) }));
  }));
  expect([1, 0.5, 0.5, 0.5, 0.5, 0.1].map((loss) => s.numbers("validate", { loss }).lr[0])).toEqual([1, 1, 1, 0.5, 0.5, 0.5]);
  s.call("train");
  expect(s.variables.w.data[0]).toBe(-0.5);
  expect(Object.keys(s.variables).filter((n) => n.startsWith("plateau."))).toEqual(["plateau.lr", "plateau.best", "plateau.num_bad_epochs", "plateau.cooldown_counter"]);
  expect(s.numbers("validate", { loss: NaN }).lr[0]).toBe(0.5);
});
