import fc from "fast-check";
import { expect, test } from "vitest";
import { arange, embedding, full, searchsorted, tensor, zeros, type Tensor } from "chainrule";
import { forEachIndex, linearIndex, stridesOf } from "../../../ir/ops/index.ts";
import { mistake } from "../mistake.ts";
import { array, evaluate, gradients, input, valueOf } from "./graph.ts";

const range = (...shape: readonly number[]): Tensor => arange(shape.reduce((a, b) => a * b, 1)).reshape(shape);

/** A tensor's shape, an axis of it, and an index no larger than the tensor in the other axes. */
const addressed = fc.tuple(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), fc.nat(2)).chain(([shape, a]) => {
  const axis = a % shape.length;
  return fc.tuple(...shape.map((d, i) => fc.integer({ min: 1, max: i === axis ? 5 : d }))).chain((size) =>
    fc.array(fc.nat(shape[axis] - 1), { minLength: size.reduce((x, y) => x * y, 1), maxLength: size.reduce((x, y) => x * y, 1) }).map((data) => ({ shape, axis, size, data })));
});

test("gather and the scatters go where the index says", () => {
  fc.assert(fc.property(addressed, ({ shape, axis, size, data }) => {
    const x = range(...shape), index = tensor(data).reshape(size), src = range(...size).add(100), strides = stridesOf(shape);
    const place = (i: readonly number[], at: number): number => linearIndex(i.map((k, a) => (a === axis ? data[at] : k)), strides);
    const gathered: number[] = [], set = [...evaluate({ x }).x.data], added = [...set], most = [...set];
    forEachIndex(size, (i, at) => {
      gathered.push(place(i, at));
      set[place(i, at)] = 100 + at;
      added[place(i, at)] += 100 + at;
      most[place(i, at)] = Math.max(most[place(i, at)], 100 + at);
    });
    const got = evaluate({ gathered: x.gather(axis, index), set: x.scatter(axis, index, src), added: x.scatterAdd(axis - shape.length, index, src), most: x.scatterReduce(axis, index, src, "amax") });
    expect(got.gathered.shape).toEqual(size);
    expect(Object.entries(got).map(([k, a]) => [k, ...a.data])).toEqual(Object.entries({ gathered, set, added, most }).map(([k, a]) => [k, ...a]));
  }), { numRuns: 200 });
});

test("scatter of a number, with reduce, and into a scalar", () => {
  const x = full([3], 2, "f64"), at = tensor([0, 2]);
  expect(valueOf(x.scatter(0, at, 5))).toEqual([5, 2, 5]);
  expect(valueOf(x.scatter(0, at, 5, { reduce: "add" }))).toEqual([7, 2, 7]);
  expect(valueOf(x.scatter(0, at, 5, { reduce: "multiply" }))).toEqual([10, 2, 10]);
  expect(valueOf(tensor(1).scatter(0, tensor(0), tensor(7)))).toBe(7);
  expect(valueOf(tensor(4).gather(0, tensor(0)))).toBe(4);
});

test("scatterReduce: means and products, with the element there or without", () => {
  const x = tensor([10, 20, 30], "f64"), at = tensor([0, 0, 2]), src = tensor([1, 2, 3], "f64");
  const reduce = (r: "sum" | "prod" | "mean" | "amax" | "amin", includeSelf: boolean) => valueOf(x.scatterReduce(0, at, src, r, { includeSelf }));
  expect([true, false].map((s) => reduce("sum", s))).toEqual([[13, 20, 33], [3, 20, 3]]);
  expect([true, false].map((s) => reduce("prod", s))).toEqual([[20, 20, 90], [2, 20, 3]]);
  expect([true, false].map((s) => reduce("mean", s))).toEqual([[13 / 3, 20, 16.5], [1.5, 20, 3]]);
  expect([true, false].map((s) => reduce("amax", s))).toEqual([[10, 20, 30], [2, 20, 3]]);
  expect([true, false].map((s) => reduce("amin", s))).toEqual([[1, 20, 3], [1, 20, 3]]);
  expect(mistake(() => x.scatterReduce(0, at, src, "max" as "amax"))).toContain("it can be sum, mean, prod, amax, amin");
});

test("slices at indices: select, add, copy, fill", () => {
  const x = range(2, 3), at = tensor([2, 0]);
  expect(valueOf(x.indexSelect(1, at))).toEqual([[2, 0], [5, 3]]);
  expect(valueOf(x.indexAdd(1, at, range(2, 2), { alpha: 10 }))).toEqual([[10, 1, 2], [33, 4, 25]]);
  expect(valueOf(x.indexCopy(1, at, range(2, 2)))).toEqual([[1, 1, 0], [3, 4, 2]]);
  expect(valueOf(x.indexFill(1, at, 9))).toEqual([[9, 1, 9], [9, 4, 9]]);
  expect(mistake(() => x.indexAdd(1, at, range(2, 3)))).toContain("the source is i32[2,3]; it must be i32[2,2]");
  expect(gradients([[[1, 2]]], (t) => t.indexSelect(1, tensor([1, 1, 0])))).toEqual([[[1, 2]]]);
});

test("take and takeAlongDim", () => {
  expect(valueOf(range(2, 3).take(tensor([[0, -1]])))).toEqual([[0, 5]]);
  const x = tensor([[3, 1, 2], [4, 6, 5]], "f64");
  expect(valueOf(x.takeAlongDim(x.argsort(1), 1))).toEqual([[1, 2, 3], [4, 5, 6]]);
  expect(valueOf(x.takeAlongDim(tensor([[0]]), 1))).toEqual([[3], [4]]);
  expect(valueOf(x.takeAlongDim(tensor([5])))).toEqual([5]);
});

test("oneHot, embedding and counts", () => {
  expect(valueOf(tensor([1, 0, 7]).oneHot(3))).toEqual([[0, 1, 0], [1, 0, 0], [0, 0, 0]]);
  expect(input("i", ["B"], "i32").oneHot("C").shape).toEqual(["B", "C"]);
  const w = [[1, 2], [3, 4], [5, 6]];
  expect(valueOf(embedding(tensor([[2, 0]]), tensor(w, "f64")))).toEqual([[[5, 6], [1, 2]]]);
  expect(gradients([w], (t) => embedding(tensor([0, 1, 1]), t))).toEqual([[[1, 1], [2, 2], [0, 0]]]);
  expect(gradients([w], (t) => embedding(tensor([0, 1, 1]), t, { paddingIdx: -2 }))).toEqual([[[1, 1], [0, 0], [0, 0]]]);
  expect(valueOf(tensor([1, 1, 3]).bincount({ minlength: 5 }))).toEqual([0, 2, 0, 1, 0]);
  expect(valueOf(tensor([1, 1, 3]).bincount({ minlength: 4, weights: tensor([0.5, 1, 2], "f64") }))).toEqual([0, 1.5, 0, 2]);
});

test("an index out of range is an error when the program runs", () => {
  expect(mistake(() => valueOf(range(3).indexSelect(0, tensor([3]))))).toContain("index 3 is out of range");
  expect(mistake(() => valueOf(range(3).gather(0, tensor([-1]))))).toContain("index -1 is out of range");
});

test("indices are integers, and of a fitting shape", () => {
  const x: Tensor = range(2, 3);
  expect(mistake(() => x.indexSelect(0, tensor([0.5])))).toContain("the indices are f32[1]; they must be integers\n  convert them with .int()");
  expect(mistake(() => x.gather(1, tensor([[true]])))).toContain("a mask would select a number of elements that depends on data");
  expect(mistake(() => x.gather(1, tensor([0])))).toContain("gather of i32[2,3] at i32[1]: the ranks must be equal");
  expect(mistake(() => x.gather(1, zeros([3, 1], "i32")))).toContain("axis 0 of the indices is 3, above 2");
  expect(mistake(() => x.scatter(1, zeros([2, 2], "i32"), range(2, 1)))).toContain("axis 1 of the indices i32[2,2] is 2, above 1 of the updates");
  expect(mistake(() => x.scatterAdd(1, zeros([2, 2], "i32"), zeros([2, 2])))).toContain("the updates are f32[2,2]\n  convert them to its dtype");
});

test("writing at known places", () => {
  const x = range(2, 3);
  expect(valueOf(x.selectScatter(tensor([8, 9]), 1, -1))).toEqual([[0, 1, 8], [3, 4, 9]]);
  expect(valueOf(range(5).sliceScatter(tensor([8, 9]), 0, 1, 5, 2))).toEqual([0, 8, 2, 9, 4]);
  expect(valueOf(range(5).sliceScatter(tensor([8, 9]), 0, -2))).toEqual([0, 1, 2, 8, 9]);
  expect(valueOf(x.diagonalScatter(tensor([8, 9])))).toEqual([[8, 1, 2], [3, 9, 5]]);
  expect(valueOf(x.diagonalScatter(tensor([8]), -1))).toEqual([[0, 1, 2], [8, 4, 5]]);
  expect(gradients([[1, 2, 3], [7, 8]], (t, s) => t.sliceScatter(s, 0, 1))).toEqual([[1, 0, 0], [1, 1]]);
  expect(mistake(() => range(5).sliceScatter(tensor([8]), 0, 1))).toContain("the source is i32[1], the slice i32[4]");
});

test("orders: NaN last, equals in place, either direction", () => {
  const x = tensor([3, NaN, 1, 3, 2], "f64");
  expect(valueOf(x.sort().values)).toEqual([1, 2, 3, 3, NaN]);
  expect(valueOf(x.argsort())).toEqual([2, 4, 0, 3, 1]);
  expect(valueOf(x.argsort(0, { descending: true }))).toEqual([1, 0, 3, 4, 2]);
  const m = tensor([[3, 1, 2], [4, 6, 5]], "f64");
  expect(valueOf(m.topk(2).values)).toEqual([[3, 2], [6, 5]]);
  expect(valueOf(m.topk(1, 0, { largest: false }).indices)).toEqual([[0, 0, 0]]);
  expect(valueOf(m.kthvalue(2, 1).values)).toEqual([2, 5]);
  expect(valueOf(m.kthvalue(2, 1, true).indices)).toEqual([[2], [2]]);
  expect(valueOf(m.msort())).toEqual([[3, 1, 2], [4, 6, 5]]);
  expect(valueOf(m.median())).toBe(3);
  expect(valueOf(m.median(1).values)).toEqual([2, 5]);
  expect(valueOf(x.median())).toBe(NaN);
  expect(valueOf(tensor(2).sort().indices)).toBe(0);
  expect(gradients([[3, 1, 2]], (t) => t.topk(2).values.mul(tensor([10, 20], "f64")))).toEqual([[10, 0, 20]]);
  expect(mistake(() => m.topk(4))).toContain("axis 1 of size 3 may not have 4 elements");
  expect(mistake(() => input("s", ["B"]).topk(2))).toContain("axis 0 of size B may not have 2 elements");
});

test("searchsorted and bucketize: sides, batches, NaN behind all", () => {
  const sorted = tensor([1, 3, 3, 5], "f64"), v = tensor([0, 3, 6, NaN], "f64");
  expect(valueOf(searchsorted(sorted, v))).toEqual([0, 1, 4, 4]);
  expect(valueOf(searchsorted(sorted, v, { right: true }))).toEqual([0, 3, 4, 4]);
  expect(valueOf(v.bucketize(sorted, { right: true }))).toEqual([0, 3, 4, 4]);
  expect(valueOf(tensor([[1, 2], [3, 4]]).searchsorted(tensor([[2], [3]]), { side: "right" }))).toEqual([[2], [1]]);
  expect(valueOf(searchsorted(input("s", ["N"]), v), { s: array([1, 3, 3, 5]) })).toEqual([0, 1, 4, 4]);
});
