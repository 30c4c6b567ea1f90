import fc from "fast-check";
import { expect, test } from "vitest";
import { arange, einsum, linear, multiDot, ones, tensor, tensordot, zeros, type Tensor } from "chainrule";
import { forEachIndex } from "../../../ir/ops/index.ts";
import { mistake } from "../mistake.ts";
import { evaluate, gradients, input, valueOf } from "./graph.ts";

const range = (...shape: readonly number[]): Tensor => arange(shape.reduce((a, b) => a * b, 1)).reshape(shape);

test("matmul follows PyTorch's rules for vectors, matrices and batches", () => {
  const shapes: [number[], number[], number[]][] = [
    [[4], [4], []], [[3, 4], [4], [3]], [[3], [3, 2], [2]], [[2, 3], [3, 4], [2, 4]], [[2, 3, 4], [2, 4, 2], [2, 3, 2]], [[2, 3, 4], [4, 2], [2, 3, 2]],
    [[3, 4], [2, 4, 2], [2, 3, 2]], [[2, 1, 2, 3], [3, 3, 2], [2, 3, 2, 2]], [[2, 3, 4], [4], [2, 3]], [[4], [2, 4, 3], [2, 3]], [[2, 0, 3], [3, 2], [2, 0, 2]], [[2, 2, 0], [2, 0, 3], [2, 2, 3]],
  ];
  for (const [a, b, want] of shapes) expect(range(...a).matmul(range(...b)).shape).toEqual(want);
  expect(valueOf(range(2, 2).matmul(range(2, 2)))).toEqual([[2, 3], [6, 11]]);
  expect(valueOf(range(2, 1, 2).matmul(range(2, 2, 1)))).toEqual([[[1]], [[13]]]);
  expect(valueOf(range(2, 2).matmul(range(2, 2, 1)))).toEqual([[[1], [3]], [[3], [13]]]);
});

test("a batch that broadcasts is not copied", () => {
  const y = input("a", ["B", 1, 2, 3]).matmul(input("b", [5, 3, 4]));
  expect(y.shape).toEqual(["B", 5, 2, 4]);
  const ops: string[] = [];
  for (let v = y.value; v.node.inputs.length > 0; v = v.node.inputs[0]) ops.push(v.node.op);
  expect(ops).toEqual(["transpose", "dot", "reshape"]);
});

test("strict products are strict, in rank, size and dtype", () => {
  const m: Tensor = range(2, 3), v: Tensor = range(3), b: Tensor = range(2, 2, 3);
  expect(mistake(() => m.mm(v))).toContain("mm takes 2-d and 2-d tensors, not i32[2,3] and i32[3]");
  expect(mistake(() => m.mm(range(2, 3)))).toContain("cannot mm i32[2,3] with i32[2,3]: 3 against 2");
  expect(mistake(() => b.mm(b))).toContain("mm takes 2-d");
  expect(mistake(() => m.dot(m))).toContain("dot takes 1-d and 1-d tensors");
  expect(mistake(() => v.dot(range(4) as Tensor))).toContain("3 against 4");
  expect(mistake(() => m.mv(range(2) as Tensor))).toContain("3 against 2");
  expect(mistake(() => b.bmm(range(1, 3, 2) as Tensor))).toContain("2 against 1 in the batch");
  expect(mistake(() => v.outer(m))).toContain("outer takes 1-d and 1-d");
  expect(mistake(() => m.matmul(zeros([3, 2]) as Tensor))).toContain("matmul of i32[2,3] with f32[3,2]: the dtypes differ");
  expect(mistake(() => zeros([2, 2], "bool").matmul(zeros([2, 2], "bool")))).toContain("bool has no products");
  expect(mistake(() => (input("x", ["B", 64]) as Tensor).matmul(zeros([63, 10], "f64")))).toContain("cannot matmul f64[B,64] with f64[63,10]: 64 against 63");
  expect(mistake(() => (input("x", [2, 3, 4]) as Tensor).matmul(input("y", [5, 4, 6]) as Tensor))).toContain("2 against 5");
});

test("added products: factors, broadcasting, and beta 0 which drops the input", () => {
  const a = tensor([[1, 2], [3, 4]], "f64"), c = tensor([1, 1], "f64");
  expect(valueOf(c.addmm(a, a))).toEqual([[8, 11], [16, 23]]);
  expect(valueOf(c.addmm(a, a, { beta: 2, alpha: 0.5 }))).toEqual([[5.5, 7], [9.5, 13]]);
  expect(valueOf(tensor([NaN, NaN], "f64").addmm(a, a, { beta: 0 }))).toEqual([[7, 10], [15, 22]]);
  expect(valueOf(c.addmv(a, c))).toEqual([4, 8]);
  expect(valueOf(c.addr(c, c, { alpha: 3 }))).toEqual([[4, 4], [4, 4]]);
  const batch = a.expand(3, 2, 2);
  expect(valueOf(c.addbmm(batch, batch))).toEqual([[22, 31], [46, 67]]);
  expect(valueOf(c.baddbmm(batch, batch).select(0, 2))).toEqual([[8, 11], [16, 23]]);
});

test("outer, inner, kron, cross, tensordot, linear, chains", () => {
  expect(valueOf(range(2).outer(range(3)))).toEqual([[0, 0, 0], [0, 1, 2]]);
  expect(valueOf(range(2, 2).inner(range(2)))).toEqual([1, 3]);
  expect(valueOf(range(1, 2).kron(range(2, 1)))).toEqual([[0, 0], [0, 1]]);
  expect(valueOf(tensor([1, 0, 0]).cross(tensor([[0, 1, 0], [0, 0, 1]])))).toEqual([[0, 0, 1], [0, -1, 0]]);
  expect(valueOf(tensordot(range(2, 3), range(2, 3)))).toBe(55);
  expect(tensordot(range(2, 3, 4), range(4, 3, 2), [[1, 2], [1, 0]]).shape).toEqual([2, 2]);
  expect(tensordot(range(2, 3), range(2, 3), 0).shape).toEqual([2, 3, 2, 3]);
  expect(valueOf(linear(range(2, 2), range(3, 2), range(3)))).toEqual([[1, 4, 7], [3, 14, 25]]);
  expect(valueOf(linear(range(2, 2), range(2), tensor(1)))).toEqual([2, 4]);
  expect(mistake(() => linear(range(2, 2), range(3, 3) as Tensor))).toContain("linear of i32[2,2] with a weight i32[3,3]: 2 against 3");
  expect(valueOf(multiDot([range(2), range(2, 3), range(3)]))).toBe(14);
  expect(multiDot([input("a", ["B", 4]), input("b", [4, 5]), input("c", [5, "C"])]).shape).toEqual(["B", "C"]);
});

test("multiDot takes the cheapest order", () => {
  // 10×100 · 100×5 · 5×50 is 7,500 multiplications from the left and 75,000 from the right
  const [a, b, c] = [input("a", [10, 100]), input("b", [100, 5]), input("c", [5, 50])];
  expect(multiDot([a, b, c]).value.node.inputs[0].type.shape).toEqual([10, 5]);
  expect(multiDot([c.t(), b.t(), a.t()]).value.node.inputs[0].type.shape).toEqual([50, 5]);
});

// ---- einsum, against the sum it stands for

interface Term { readonly labels: string; readonly shape: number[] }
/** Sums the product of the operands over every assignment of the labels. */
function naive(terms: readonly Term[], data: readonly number[][], output: string, sizes: Readonly<Record<string, number>>): number[] {
  const labels = [...new Set(terms.flatMap((t) => [...t.labels]))];
  const at = (term: Term, value: Readonly<Record<string, number>>): number => [...term.labels].reduce((i, l, k) => i * term.shape[k] + (term.shape[k] === 1 ? 0 : value[l]), 0);
  const out = new Array<number>([...output].reduce((n, l) => n * sizes[l], 1)).fill(0);
  forEachIndex(labels.map((l) => sizes[l]), (index) => {
    const value = Object.fromEntries(labels.map((l, i) => [l, index[i]]));
    out[[...output].reduce((i, l) => i * sizes[l] + value[l], 0)] += terms.reduce((p, t, k) => p * data[k][at(t, value)], 1);
  });
  return out;
}

test("einsum is the sum it stands for: repeated letters, sizes of 1, any number of operands", () => {
  const letters = ["i", "j", "k", "l"];
  const equation = fc.record({
    sizes: fc.tuple(...letters.map(() => fc.integer({ min: 1, max: 3 }))),
    terms: fc.array(fc.array(fc.constantFrom(...letters), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    ones: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    keep: fc.shuffledSubarray(letters),
  });
  fc.assert(fc.property(equation, ({ sizes, terms, ones, keep }) => {
    let bit = 0;
    const given: Term[] = terms.map((labels) => ({
      labels: labels.join(""),
      // a letter twice in one operand has one size there
      shape: labels.map((l) => (ones[bit++] && labels.filter((m) => m === l).length === 1 ? 1 : sizes[letters.indexOf(l)])),
    }));
    const size = Object.fromEntries(letters.map((l) => [l, Math.max(1, ...given.flatMap((t) => [...t.labels].flatMap((m, i) => (m === l ? [t.shape[i]] : []))))]));
    const output = keep.filter((l) => given.some((t) => t.labels.includes(l))).join("");
    const operands = given.map((t, k) => range(...t.shape).add(k + 1));
    const data = operands.map((x) => [...evaluate({ x }).x.data]);
    const result = evaluate({ y: einsum(`${given.map((t) => t.labels).join(",")}->${output}`, ...operands) }).y;
    expect(result.shape).toEqual([...output].map((l) => size[l]));
    expect([...result.data]).toEqual(naive(given, data, output, size));
  }), { numRuns: 300 });
});

test("einsum: implicit results, ellipses, lists, symbols", () => {
  expect(valueOf(einsum("ba", range(2, 3)))).toEqual([[0, 3], [1, 4], [2, 5]]);
  expect(valueOf(einsum("ii", range(2, 2)))).toBe(3);
  expect(einsum("...ij,...jk->...ik", range(2, 1, 2, 3), range(3, 3, 2)).shape).toEqual([2, 3, 2, 2]);
  expect(einsum("...i->i...", range(2, 3, 4)).shape).toEqual([4, 2, 3]);
  expect(einsum("i...,i", range(2, 3), range(2)).shape).toEqual([3]);
  expect(einsum("i j, j k -> i k", [range(2, 3), range(3, 4)]).shape).toEqual([2, 4]);
  expect(einsum("bhqd,bhkd->bhqk", input("q", ["B", 2, "T", 8]), input("k", ["B", 2, "S", 8])).shape).toEqual(["B", 2, "T", "S"]);
  expect(gradients([[[1, 2], [3, 4]]], (x) => einsum("ii->i", x))).toEqual([[[1, 0], [0, 1]]]);
});

test("einsum says what is wrong with an equation", () => {
  const a = range(2, 3), b = range(4, 5);
  expect(mistake(() => einsum("ij,jk->ik", a, b))).toContain('einsum "ij,jk->ik": "j" is 3 in i32[2,3] and 4 in i32[4,5]');
  expect(mistake(() => einsum("ij->ik", a))).toContain('"k" is in the result, but in no operand');
  expect(mistake(() => einsum("ijk->i", a))).toContain('"ijk" does not name the 2 axes of i32[2,3]');
  expect(mistake(() => einsum("ij,jk->ik", a))).toContain("it names 2 operands, and there are 1");
  expect(mistake(() => einsum("i1->i", a))).toContain('"1" is not a letter');
  expect(mistake(() => einsum("ij->ii", a))).toContain("a letter is twice in the result");
  expect(mistake(() => einsum("ij->i->j", a))).toContain("two arrows");
});

test("products have derivatives", () => {
  expect(gradients([[[1, 2]], [[3], [4]]], (a, b) => a.matmul(b))).toEqual([[[3, 4]], [[1], [2]]]);
  const [dx] = gradients([[1, 2]], (x) => x.matmul(ones([3, 2, 2], "f64")));
  expect(dx).toEqual([6, 6]);
});
