import { expect, test } from "vitest";
import { arange, assign, cond, defineModel, f32, grad, latest, nn, random, scan, tensor, whileLoop, type InputSpecs, type Tensor } from "chainrule";
import { reachable, type AnyNode } from "../../../ir/graph/index.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

/** A model of one function. */
const define = (inputs: InputSpecs, body: (x: Record<string, Tensor>) => Record<string, Tensor>, train = false) =>
  defineModel("net", (m) => { m.fn("f", inputs, body, { train }); });
const session = (...args: Parameters<typeof define>): Session => new Session(define(...args));
/** The one node of an op in the function. */
const nodeOf = (model: ReturnType<typeof define>, op: string): AnyNode => {
  const found = reachable(model.functions[0].outputs.map((o) => o.value)).filter((n) => n.op === op);
  expect(found).toHaveLength(1);
  return found[0];
};

test("scan carries and stacks, forwards and backwards, with the step", () => {
  const s = session({ xs: f32("T", 2), h: f32(2) }, ({ xs, h }) => {
    const [last, sums] = scan((h, x, step) => { const next = h.add(x); return [next, { next, step }]; }, h, xs);
    const [first] = scan((h: Tensor, x) => [h.mul(2).add(x), null], h, xs, { reverse: true });
    return { last, sums: sums.next, steps: sums.step, first };
  });
  expect(s.numbers("f", { xs: [[1, 2], [3, 4], [5, 6]], h: [10, 20] })).toEqual({
    last: [19, 32], sums: [11, 22, 14, 26, 19, 32], steps: [0, 1, 2], first: [8 * 10 + 4 * 5 + 2 * 3 + 1, 8 * 20 + 4 * 6 + 2 * 4 + 2],
  });
});

test("scan of structures, and of a length alone", () => {
  const s = session({ x: f32(), a: f32("T"), b: f32("T", 2) }, ({ x, a, b }) => {
    const [{ sum, product }, none] = scan((c, row) => [{ sum: c.sum.add(row.a), product: c.product.mul(row.b[0].sum()) }, null], { sum: x, product: x }, { a, b: [b] });
    expect(none).toBeNull();
    const [power] = scan((p: Tensor) => [p.mul(2), null], x, null, { length: 5 });
    return { sum, product, power };
  });
  expect(s.numbers("f", { x: 1, a: [1, 2], b: [[1, 1], [1, 2]] })).toEqual({ sum: [4], product: [6], power: [32] });
});

test("captures: what does not depend on the step is computed before the loop", () => {
  const model = define({ xs: f32("T", 2), w: f32(2, 2) }, ({ xs, w }) => {
    const [, ys] = scan((c: Tensor, x) => { const wt = w.permute(1, 0).mul(2).exp(); return [c, x.matmul(wt).add(1)]; }, w, xs);
    return { ys };
  });
  const node = nodeOf(model, "scan");
  expect(node.inputs.map((v) => v.node.op)).toEqual(["input", "input", "exp"]);
  expect(reachable(node.regions[0].results).map((n) => n.op)).not.toContain("exp");
  const [y] = new Session(model).numbers("f", { xs: [[1, 0]], w: [[0, 1], [0, 0]] }).ys;
  expect(y).toBeCloseTo(Math.exp(0) + 1);
});

test("constants, iotas and simple arithmetic on them stay inside; tables of data are captured", () => {
  const model = define({ xs: f32("T", 3) }, ({ xs }) => {
    const [, ys] = scan((c: Tensor, x) => [c, x.add(arange(3).mul(2).add(1)).mul(tensor([1, 10, 100])).add(arange(3).convert("f32").exp())], xs.sum(), xs);
    return { ys };
  });
  const node = nodeOf(model, "scan");
  expect(node.inputs.slice(2).map((v) => v.node.op).sort()).toEqual(["convert", "exp"]);
  expect(reachable(node.regions[0].results).map((n) => n.op)).toContain("iota");
  const { ys } = new Session(model).numbers("f", { xs: [[0, 1, 2]] });
  expect(ys.map((y, i) => Math.round(y - Math.exp(i)))).toEqual([1, 40, 700]);
});

test("a loop inside a loop captures from both", () => {
  const s = session({ xs: f32("T"), ys: f32("U"), k: f32() }, ({ xs, ys, k }) => {
    const [total] = scan((sum: Tensor, x) => {
      const [inner] = scan((acc: Tensor, y) => [acc.add(x.mul(y).mul(k)), null], sum, ys);
      return [inner, null];
    }, k.mul(0), xs);
    return { total };
  });
  expect(s.numbers("f", { xs: [1, 2], ys: [3, 4, 5], k: 10 })).toEqual({ total: [10 * 3 * 12] });
});

test("whileLoop", () => {
  const s = session({ x: f32(3), limit: f32() }, ({ x, limit }) => {
    const y = whileLoop(x.mul(2), (y) => y.square().sum().sqrt().lt(limit), (y) => y.mul(2), { maxTrips: 20 });
    const { n } = whileLoop({ n: limit, twice: limit }, ({ n }) => n.gt(1), ({ n, twice }) => ({ n: n.div(2), twice: twice.mul(2) }));
    return { y, n, dy: grad(y.sum(), x) };
  });
  const { y, n, dy } = s.numbers("f", { x: [3, 4, 0], limit: 1000 });
  expect(y).toEqual([3 * 256, 4 * 256, 0]);
  expect(n).toEqual([1000 / 1024]);
  expect(dy).toEqual([256, 256, 256]);
});

test("cond takes one branch, with operands and captures; what is only in a branch stays in it", () => {
  const model = define({ x: f32(), w: f32() }, ({ x, w }) => {
    const twice = w.mul(2);
    const y = cond(x.gt(0), () => ({ r: [twice.mul(x).exp(), w] }), () => ({ r: [x.neg(), w.neg()] }));
    return { y: y.r[0], z: y.r[1], d: cond(x.gt(0), (a) => a.mul(3), (a) => a, w) };
  });
  const s = new Session(model);
  expect(s.numbers("f", { x: -2, w: 5 })).toEqual({ y: [2], z: [-5], d: [5] });
  expect(s.numbers("f", { x: 1, w: 0 })).toEqual({ y: [1], z: [0], d: [0] });
  const nodes = reachable(model.functions[0].outputs.map((o) => o.value));
  expect(nodes.map((n) => n.op)).not.toContain("exp");
});

test("a derivative inside a body sees the way to what it is taken by, also through what was made outside", () => {
  const s = session({ xs: f32("T"), w: f32() }, ({ xs, w }) => {
    const wide = w.mul(3); // an outer value on the way
    const [, loops] = scan((c: Tensor, x) => [c, grad(wide.square().mul(x), w)], w, xs);
    const branch = cond(w.gt(0), () => grad(wide.square(), w), () => w);
    const chained = scan((c: Tensor, x) => [c, grad(wide.mul(w).mul(x), [wide, w])[1]], w, xs)[1];
    return { loops, branch, chained };
  });
  // d(9w²x)/dw = 18wx; d(3w·w·x)/dw = 6wx
  expect(s.numbers("f", { xs: [1, 2], w: 5 })).toEqual({ loops: [90, 180], branch: [90], chained: [30, 60] });
});

test("state assigned in a body is carried through the loop", () => {
  const s = new Session(defineModel("net", (m) => {
    const n = m.state("n", []), seen = m.state("seen", [], { init: 5 });
    const tick = (x: Tensor): Tensor => { assign(n, latest(n).add(1)); return x.mul(latest(n)).add(latest(seen)); };
    m.fn("loop", { xs: f32("T") }, ({ xs }) => ({ ys: scan((c: Tensor, x) => [c, tick(x)], n, xs)[1], after: latest(n) }));
    m.fn("branch", { x: f32() }, ({ x }) => ({ y: cond(x.gt(0), () => tick(x), () => x), after: latest(n) }));
    m.fn("repeat", { x: f32() }, ({ x }) => ({ y: whileLoop(x, (y) => y.lt(100), (y) => tick(y)) }));
  }));
  expect(s.numbers("loop", { xs: [1, 1, 1] })).toEqual({ ys: [6, 7, 8], after: [3] });
  expect(s.variables.n.data[0]).toBe(3);
  expect(s.numbers("branch", { x: 2 })).toEqual({ y: [13], after: [4] });
  expect(s.numbers("branch", { x: -2 })).toEqual({ y: [-2], after: [4] });
  expect(s.numbers("repeat", { x: 1 })).toEqual({ y: [((1 * 5 + 5) * 6 + 5) * 7 + 5] });
  expect(s.variables.n.data[0]).toBe(7);
});

test("random numbers in a loop differ from step to step, and move the model's counter", () => {
  const s = session({ xs: f32("T") }, ({ xs }) => ({ u: scan((c: Tensor, x) => [c, random.uniform({ shape: [] }).add(x.mul(0))], xs.sum(), xs)[1] }), true);
  const { u } = s.numbers("f", { xs: [0, 0, 0, 0] });
  expect(new Set(u).size).toBe(4);
  expect(s.variables.rng.data[1]).toBe(4);
  expect(new Set([...s.numbers("f", { xs: [0, 0] }).u, ...u]).size).toBe(6);
});

test("layers in loops", () => {
  const s = new Session(defineModel("net", (m) => {
    const cell = m.use("cell", nn.linear(2, 2));
    m.fn("f", { xs: f32("T", 2) }, ({ xs }) => ({ h: scan((h: Tensor, x) => [cell(x).add(h).tanh(), null], cell.bias!.mul(0), xs)[0] }));
  }));
  const w = s.variables["cell.weight"].data, b = s.variables["cell.bias"].data;
  let h = [0, 0];
  for (const x of [[1, 2], [3, 4]]) h = h.map((v, i) => Math.tanh(w[2 * i] * x[0] + w[2 * i + 1] * x[1] + b[i] + v));
  const got = s.numbers("f", { xs: [[1, 2], [3, 4]] }).h;
  expect(got[0]).toBeCloseTo(h[0], 12);
  expect(got[1]).toBeCloseTo(h[1], 12);
});

test("mistakes in control flow say what is wrong", () => {
  const of = (body: (x: Tensor, xs: Tensor) => Tensor) => mistake(() => define({ x: f32(2), xs: f32("T", 2) }, ({ x, xs }) => ({ y: body(x, xs) })));
  expect(of((x, xs) => scan((c: Tensor, r) => [c.sum(), r], x, xs)[0])).toMatch(/scan: the body turns \(f32\[2\]\) into \(f32\[\]\)\n {2}a carried value keeps its dtype and shape/);
  expect(of((x, xs) => scan((c: Tensor) => c as never, x, xs)[0])).toMatch(/scan: the body must return \[carry, y\]/);
  expect(of((x, xs) => scan((c: Tensor) => [[c, c] as never, null], x, xs)[0])).toMatch(/scan: the carry that the body returns is a tuple of 2; it must be a tensor/);
  expect(of((x) => scan((c: Tensor) => [c, null], x, null)[0])).toMatch(/scan of nothing: there is no length/);
  expect(of((x, xs) => scan((c: Tensor) => [c, null], x, [x, xs])[0])).toMatch(/scan: the lengths differ: 2, T/);
  expect(of((x) => whileLoop(x, (y) => y.gt(0), (y) => y))).toMatch(/whileLoop: the condition is bool\[2\]; it must be a bool scalar/);
  expect(of((x) => cond(x.gt(0), () => x, () => x))).toMatch(/cond: the condition is bool\[2\]; it must be a bool scalar/);
  expect(of((x) => cond(x.sum().gt(0), () => x, () => x.sum()))).toMatch(/cond: the branches return different types: \(f32\[2\]\) and \(f32\[\]\)/);
  expect(of((x) => cond(x.sum().gt(0), () => ({ a: x }), () => ({ b: x }) as never).a)).toMatch(/cond: what the second branch returns is a record of b; it must be a record of a/);
  let leaked: Tensor | undefined;
  expect(of((x, xs) => { scan((c: Tensor, r) => { leaked = r; return [c, null]; }, x, xs); return leaked!; })).toMatch(/f uses a tensor from inside the body of a scan/);
  expect(mistake(() => whileLoop(undefined as never, () => undefined as never, (y) => y))).toMatch(/whileLoop: the initial state is undefined/);
});
