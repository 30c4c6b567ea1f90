import { expect, test } from "vitest";
import { defineModel, f32, grad, i32, losses, tensor, vjp, type InputSpecs, type Tensor } from "chainrule";
import { expectClose } from "../../conformance/compare.ts";
import { readTensor, type Json, type TensorCase } from "../../conformance/format.ts";
import { inputOf } from "../../conformance/inputs.ts";
import { checkFunction } from "../layers.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";
import { torchCases } from "../torch.ts";

const camel = (name: string): string => name.replace(/_(.)/g, (_, c: string) => c.toUpperCase());
type Loss = (...args: never[]) => Tensor;
const byName: Record<string, Loss> = {
  mse_loss: losses.mse, l1_loss: losses.l1, smooth_l1_loss: losses.smoothL1, huber_loss: losses.huber, cross_entropy: losses.crossEntropy, nll_loss: losses.nll,
  binary_cross_entropy: losses.bce, binary_cross_entropy_with_logits: losses.bceWithLogits, kl_div: losses.klDiv, hinge_embedding_loss: losses.hingeEmbedding,
  margin_ranking_loss: losses.marginRanking, cosine_embedding_loss: losses.cosineEmbedding, triplet_margin_loss: losses.tripletMargin, poisson_nll_loss: losses.poissonNll,
  soft_margin_loss: losses.softMargin, multilabel_soft_margin_loss: losses.multilabelSoftMargin, multilabel_margin_loss: losses.multilabelMargin,
};

torchCases<TensorCase>("losses", (cases) => {
  test.each(cases.map((c) => [c.id, c] as const))("%s", (_, c) => {
    const loss = byName[c.op.replace("torch.nn.functional.", "")];
    expect(loss, `${c.op} has no counterpart in losses`).toBeDefined();
    const arrays = Object.fromEntries(Object.entries(c.inputs).map(([name, t]) => [name, readTensor(t)]));
    const cotangent = c.cotangents[0] && readTensor(c.cotangents[0]);
    const specs: InputSpecs = Object.fromEntries(Object.entries({ ...arrays, ...(cotangent && { cotangent }) }).map(([name, a]) => [name, inputOf(a.dtype, a.shape)]));
    const wrt = Object.keys(c.grads);
    const s = new Session(defineModel("case", (m) => {
      m.fn("f", specs, (given: Record<string, Tensor>) => {
        const resolve = (a: Json): unknown => (typeof a === "object" && a !== null && "ref" in a ? given[a.ref as string] : a);
        const options = Object.fromEntries(Object.entries(c.kwargs).map(([k, v]) => [camel(k), resolve(v)]));
        const y = loss(...([...c.args.map(resolve), options] as never[]));
        return { y, ...(wrt.length > 0 && vjp(y, Object.fromEntries(wrt.map((name) => [`d_${name}`, given[name]])), given.cotangent)) };
      });
    }));
    const got = s.call("f", { ...arrays, ...(cotangent && { cotangent }) });
    expectClose("the loss", got.y, readTensor(c.outputs[0]), c.tol);
    for (const name of wrt) expectClose(`the gradient of ${name}`, got[`d_${name}`], readTensor(c.grads[name]), c.tol);
  });
});

const refuse = (body: (x: Tensor, y: Tensor, c: Tensor) => Tensor) =>
  mistake(() => defineModel("net", (m) => { m.fn("f", { x: f32("B", 3), y: f32("B"), c: i32("B") }, ({ x, y, c }) => ({ l: body(x, y, c) })); }));

test("a class that does not exist is an error, one that is ignored is not looked up", () => {
  const s = new Session(defineModel("net", (m) => {
    m.fn("f", { x: f32("B", 3), c: i32("B") }, ({ x, c }) => ({ l: losses.crossEntropy(x, c, { reduction: "none" }), g: losses.crossEntropy(x, c, { reduction: "none", ignoreIndex: 7 }) }));
  }));
  const x = [[1, 2, 3], [1, 2, 3]], f = (...c: number[]) => () => s.numbers("f", { x, c });
  for (const bad of [3, -1, -100]) expect(f(2, bad)).toThrow(`gather: index ${bad} is out of range for axis 0 of size 3`);
  expect(f(2, 7)).toThrow("index 7 is out of range");
  const ignoring = new Session(defineModel("net", (m) => { m.fn("f", { x: f32("B", 3), c: i32("B") }, ({ x, c }) => ({ l: losses.crossEntropy(x, c, { reduction: "none" }) })); }));
  expect(ignoring.numbers("f", { x, c: [2, -100] }).l.map((v) => v > 0)).toEqual([true, false]);
});

test("large scores and confident mistakes stay finite, with their gradients", () => {
  const s = new Session(defineModel("net", (m) => {
    m.fn("f", { x: f32(2, 2), c: i32(2), p: f32(3) }, ({ x, c, p }) => {
      const ce = losses.crossEntropy(x, c), logits = losses.bceWithLogits(x, x.mul(0), { reduction: "sum" });
      const probability = losses.bce(p, p.mul(0).add(1), { reduction: "sum" });
      return { ce, dce: grad(ce, x), logits, dlogits: grad(logits, x), probability, dp: grad(probability, p) };
    });
  }));
  const { ce, dce, logits, dlogits, probability, dp } = s.numbers("f", { x: [[1000, -1000], [0, 1000]], c: [1, 1], p: [0, 1, 0.5] });
  expect(ce).toEqual([1000]);
  expect(dce).toEqual([0.5, -0.5, 0, 0]);
  expect(logits[0]).toBeCloseTo(2000 + Math.LN2);
  expect(dlogits).toEqual([1, 0, 0.5, 1]);
  expect(probability[0]).toBeCloseTo(100 + Math.LN2);
  expect(dp.map((v) => v / Math.max(1, Math.abs(v) / 10))).toEqual([-10, -1, -2]); // the first is huge, and finite
  expect(dp[0]).toBeGreaterThan(-1.1e12);
});

test("poissonNll in full, triplets with swap", () => {
  const s = new Session(defineModel("net", (m) => {
    m.fn("f", { x: f32(3), y: f32(3) }, ({ x, y }) => ({ full: losses.poissonNll(x, y, { full: true, reduction: "none" }), plain: losses.poissonNll(x, y, { reduction: "none" }) }));
    m.fn("g", { a: f32(1, 2), p: f32(1, 2), n: f32(1, 2) }, ({ a, p, n }) => ({ swap: losses.tripletMargin(a, p, n, { swap: true, eps: 0 }), plain: losses.tripletMargin(a, p, n, { eps: 0 }) }));
  }));
  const { full, plain } = s.numbers("f", { x: [0, 1, 2], y: [0, 1, 4] });
  expect(full.map((v, i) => v - plain[i])).toEqual([0, 0, expect.closeTo(4 * Math.log(4) - 4 + 0.5 * Math.log(8 * Math.PI), 6)]);
  // |a-p| = 2, |a-n| = 5, |p-n| = 3
  expect(s.numbers("g", { a: [[0, 0]], p: [[2, 0]], n: [[5, 0]] })).toEqual({ swap: [0], plain: [0] });
  expect(s.numbers("g", { a: [[0, 0]], p: [[3, 0]], n: [[5, 0]] })).toEqual({ swap: [2], plain: [0] });
});

test("mistakes name the shapes", () => {
  expect(refuse((x, y) => losses.crossEntropy(x as Tensor, y))).toMatch(/crossEntropy: the input is f32\[B,3\], the target f32\[B\]; it must have shape \[B,3\]\n {2}probabilities have the shape of the input, class indices an integer dtype/);
  expect(refuse((x, _, c) => losses.crossEntropy(x as Tensor, c.unsqueeze(1) as Tensor))).toMatch(/the target i32\[B,1\]; it must have shape \[B\]/);
  expect(refuse((x, y, c) => losses.nll(x as Tensor, c as Tensor, { weight: y }))).toMatch(/nll: the weight is f32\[B\], and the input f32\[B,3\] has 3 classes/);
  expect(refuse((x, _, c) => losses.crossEntropy(x as Tensor, c as Tensor, { labelSmoothing: 2 }))).toMatch(/labelSmoothing is 2/);
  expect(refuse((x) => losses.mse(x, x, { reduction: "avg" as "mean" }))).toMatch(/there is no reduction "avg"/);
});

test("ctc, multi-margin and gaussian losses: derivatives by finite differences, first and second order", () => {
  const targets = tensor([[1, 2], [2, 2]], "i32");
  checkFunction([[4, 2, 3]], (x) => losses.ctc(x.logSoftmax(2), targets, [4, 3], [2, 1], { reduction: "none" }), { tolerance: 1e-5 });
  checkFunction([[2, 3]], (x) => losses.multiMargin(x, tensor([0, 2], "i32"), { p: 2 }));
  checkFunction([[3], [3], [3]], (x, y, v) => losses.gaussianNll(x, y, v.exp(), { full: true }));
});

test("ctc: lengths that differ read nothing behind their ends, and mistakes name the shapes", () => {
  const s = new Session(defineModel("m", (m) => {
    m.fn("f", { x: f32("T", "N", 3), y: i32("N", 2), t: i32("N"), s: i32("N") }, ({ x, y, t, s }) => ({ l: losses.ctc(x.logSoftmax(2), y, t, s, { reduction: "none" }) }));
  }));
  const call = (pad: number, label: number) => s.numbers("f", { x: [[[1, 2, 3]], [[0, 1, 0]], [[pad, 0, 0]]], y: [[2, label]], t: [2], s: [1] }).l[0];
  expect(call(5, 1)).toBe(call(-3, 2));
  expect(call(5, 1)).toBeGreaterThan(0);
  const of = (run: (x: Tensor, y: Tensor) => unknown) => mistake(() => defineModel("m", (m) => { m.fn("f", { x: f32("T", 2, 3), y: i32(3, 2) }, ({ x, y }) => { run(x as Tensor, y as Tensor); return { x }; }); }));
  expect(of((x, y) => losses.ctc(x, y, [1, 1], [1, 1]))).toMatch(/ctc of f32\[T,2,3\] with targets i32\[3,2\]: 2 sequences against 3 targets/);
  expect(of((x, y) => losses.ctc(x, y.narrow(0, 0, 2), [1], [1, 1]))).toMatch(/the input lengths are i32\[1\]/);
  expect(of((x, y) => losses.ctc(x, y.narrow(0, 0, 2), [1, 1], [1, 1], { blank: 3 }))).toMatch(/the blank is 3/);
});
