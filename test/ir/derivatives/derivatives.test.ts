import { expect, test } from "vitest";
import { custom, defineModel, f32, grad, i32, jvp, stopGradient, valueAndGrad, vjp, type InputSpecs, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const run = (inputs: InputSpecs, given: Record<string, number | number[]>, body: (x: Record<string, Tensor>) => Record<string, Tensor>) =>
  new Session(defineModel("net", (m) => { m.fn("f", inputs, body); })).numbers("f", given);
const refuse = (body: (x: Tensor, w: Tensor, i: Tensor) => Tensor) =>
  mistake(() => defineModel("net", (m) => { m.fn("f", { x: f32(2), w: f32(2), i: i32(2) }, ({ x, w, i }) => ({ y: body(x, w, i) })); }));

test("grad keeps the structure it is given", () => {
  expect(run({ x: f32(2), w: f32(2) }, { x: [1, 2], w: [3, 4] }, ({ x, w }) => {
    const y = x.mul(w).square().sum();
    const one = grad(y, x), [a, b] = grad(y, [x, w]), { p, q: [r] } = grad(y, { p: x, q: [w] });
    return { one, a, b, p, r };
  })).toEqual({ one: [18, 64], a: [18, 64], b: [6, 32], p: [18, 64], r: [6, 32] });
});

test("gradients of gradients, and valueAndGrad", () => {
  expect(run({ x: f32(2) }, { x: [2, 3] }, ({ x }) => {
    const first = grad(x.pow(4).sum(), x), second = grad(first.sum(), x);
    const [value, [slope]] = valueAndGrad((x: Tensor) => x.square().sum(), x);
    return { first, second, value, slope };
  })).toEqual({ first: [32, 108], second: [48, 108], value: [13], slope: [4, 6] });
});

test("vjp and jvp: results, then what they depend on, then cotangents or tangents", () => {
  expect(run({ x: f32(2), w: f32(2), c: f32(2), t: f32(2) }, { x: [1, 2], w: [3, 4], c: [1, 10], t: [1, 100] }, ({ x, w, c, t }) => {
    const y = x.mul(w), z = x.square();
    const [vx, vw] = vjp([y, z], [x, w], [c, c]);
    const { a, b } = jvp({ a: y, b: z }, [x], [t]);
    return { vx, vw, single: vjp(y, x, c), a, b };
  })).toEqual({ vx: [3 + 2, 40 + 40], vw: [1, 20], single: [3, 40], a: [3, 400], b: [2, 400] });
});

test("stopGradient", () => {
  expect(run({ x: f32(2) }, { x: [2, 3] }, ({ x }) => ({ g: grad(x.mul(stopGradient(x)).sum(), x) }))).toEqual({ g: [2, 3] });
});

test("a derivative by something that is not used is an error, unless zeros are asked for", () => {
  expect(refuse((x, w) => grad(x.sum(), w))).toMatch(/grad: the derivative by "w", f32\[2\] is asked for, but nothing differentiated depends on it\n {2}differentiate by the very tensor that was used/);
  expect(refuse((x) => grad(x.sum(), x.mul(2)))).toMatch(/grad: the derivative by the result of mul \(derivatives\.test\.ts:\d+\), f32\[2\]/);
  expect(refuse((x) => grad(stopGradient(x).sum(), x))).toMatch(/nothing differentiated depends on it/);
  expect(run({ x: f32(2), w: f32(2) }, { x: [1, 2], w: [3, 4] }, ({ x, w }) => ({ g: grad(x.sum(), w, { allowUnused: true }) }))).toEqual({ g: [0, 0] });
});

test("derivatives of what has none", () => {
  expect(refuse((x) => grad(x, x))).toMatch(/grad needs a scalar, and this is f32\[2\]\n {2}reduce it with \.sum\(\) or \.mean\(\)/);
  expect(refuse((x, _, i) => grad(x.sum(), i))).toMatch(/grad of or by i32\[2\]: only floats have derivatives/);
  expect(refuse((x, w) => vjp(x.mul(w), x, w.sum()))).toMatch(/vjp: the cotangent of f32\[2\] is f32\[\]; it must have the same type/);
  expect(refuse((x) => vjp([x], [x], x as never)[0])).toMatch(/vjp: the cotangents is a tensor; it must be a tuple of 1/);
});

test("custom: its own derivative, not the chain rule's", () => {
  // deliberately not the derivative, so that one can see whose rule ran
  const cube = custom({ name: "cube", forward: (x: Tensor) => x.pow(3), backward: (g, { operands: [x] }) => g.mul(x.square().mul(3)).add(1) });
  expect(run({ x: f32(2) }, { x: [1, 2] }, ({ x }) => { const y = cube(x); return { y, g: grad(y.mul(2).sum(), x) }; })).toEqual({ y: [1, 8], g: [7, 25] });

  const take = custom({
    name: "scaleBy",
    forward: (x: Tensor, i: Tensor) => ({ y: x.mul(i.convert("f32")), s: x.sum() }),
    backward: ({ y, s }, { operands: [x, i], results }) => [y.mul(i.convert("f32")).add(s).add(results.s.mul(0)).add(x.mul(0)), null],
  });
  expect(run({ x: f32(2), i: i32(2) }, { x: [1, 2], i: [3, 4] }, ({ x, i }) => {
    const { y, s } = take(x, i);
    return { y, g: grad(y.sum().add(s.mul(10)), x) };
  })).toEqual({ y: [3, 8], g: [13, 14] });
});

test("custom: mistakes", () => {
  const one = (backward: (g: Tensor) => Tensor | Tensor[]) => refuse((x) => custom({ name: "op", forward: (x: Tensor) => x.mul(2), backward })(x));
  expect(one((g) => [g, g])).toMatch(/the derivative of op returns 2 cotangents, but op takes 1 operands/);
  expect(one((g) => g.sum())).toMatch(/the derivative of op returns f32\[\] for operand 0, which is f32\[2\]/);
  expect(refuse((x, w) => custom({ name: "op", forward: (x: Tensor) => x.mul(w), backward: (g) => g })(x))).toMatch(/op uses "w", f32\[2\] from around it\n {2}pass it as an operand/);
  expect(refuse((x, w) => custom({ name: "op", forward: (x: Tensor) => x.mul(2), backward: (g) => g.mul(w) })(x))).toMatch(/op's derivative uses "w"/);
});
