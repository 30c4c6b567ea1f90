import { expect, test } from "vitest";
import { compareSite, type Comparison } from "../../../compiler/cli/gradients/compare.ts";
import { indexRange, uniformFrom } from "../../../compiler/cli/gradients/sample.ts";
import { derivativeSites } from "../../../compiler/cli/gradients/sites.ts";
import { ndarray } from "../../../ir/interpret/index.ts";
import { custom, defineModel, f32, grad, i32, stopGradient, type Tensor } from "../../../ir/index.ts";

/** Checks the derivative of the sum of `f(x)` by `x`, at given points. */
function compare(f: (x: Tensor) => Tensor, at: readonly number[]): Comparison {
  const model = defineModel("m", (m) => { m.fn("f", { x: f32("N") }, ({ x }) => ({ dx: grad(f(x).sum(), [x])[0] })); });
  const [site] = derivativeSites(model.functions[0]);
  return compareSite(site, { inputs: { x: ndarray("f32", [at.length], at) }, variables: {}, tolerance: 1e-5, samples: 8, uniform: uniformFrom(0) })[0];
}

/** The identity, with a derivative of its own. */
const withDerivative = (backward: (g: Tensor) => Tensor) => custom({ name: "op", forward: (x: Tensor) => x.mul(1), backward: (g: Tensor) => backward(g) });

test("smooth derivatives agree to many digits, at large and small values", () => {
  for (const f of [(x: Tensor) => x.exp(), (x: Tensor) => x.pow(3).sin(), (x: Tensor) => x.mul(1e6).tanh(), (x: Tensor) => x.mul(1e-6)]) {
    const c = compare(f, [0.7, -1.3, 2, 0, 1e-3]);
    expect(c).toMatchObject({ name: "x", checked: 5, size: 5, failures: 0, corners: 0 });
  }
  expect(compare((x) => x.exp(), [0.7, -1.3]).maxRelative).toBeLessThan(1e-8);
});

test("a factor of 1.0001 is wrong, and so is NaN", () => {
  const slightly = compare(withDerivative((g) => g.mul(1.0001)), [1, 2]);
  expect(slightly.failures).toBe(2);
  expect(slightly.worst!.derived).toBeCloseTo(1.0001, 6);
  expect(slightly.worst!.measured).toBeCloseTo(1, 6);
  const nan = compare(withDerivative((g) => g.mul(NaN)), [1, 2]);
  expect(nan.failures).toBe(2);
  expect(nan.maxError).toBeNaN();
});

test("at a corner either slope is right, and nothing outside of them", () => {
  expect(compare((x) => x.relu(), [0, -1, 2, 1e-7])).toMatchObject({ failures: 0, corners: 1 });
  const outside = custom({ name: "op", forward: (x: Tensor) => x.relu(), backward: (g: Tensor) => g.mul(1.5) });
  expect(compare(outside, [0])).toMatchObject({ failures: 1, corners: 0 });
});

test("what stopGradient holds is held in the measurement too", () => {
  expect(compare((x) => x.mul(stopGradient(x.exp())), [0.5, 1])).toMatchObject({ failures: 0 });
});

test("samples of a large array include both ends, and are those of the seed", () => {
  const at = Array.from({ length: 100 }, (_, i) => i / 100);
  const last = compare(withDerivative((g) => g.mul(2)), at);
  expect(last).toMatchObject({ checked: 8, size: 100, failures: 8 });
});

test("an index keeps to the axis it addresses, through what keeps its elements, in loops too", () => {
  const model = defineModel("m", (m) => {
    const table = m.param("table", [7, 2]);
    m.fn("f", { a: i32("B"), b: i32("B"), c: i32("B") }, ({ a, b, c }) => ({
      rows: table.indexSelect(0, a.reshape([-1])),
      hot: b.oneHot(5),
      free: c.add(1),
    }));
  });
  const [fn] = model.functions;
  const roots = fn.outputs.map((o) => o.value);
  expect(fn.inputs.map((v) => indexRange(v, roots, { B: 3 }))).toEqual([{ low: 0, high: 7 }, { low: 0, high: 5 }, undefined]);
});
