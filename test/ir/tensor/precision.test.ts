import { expect, test } from "vitest";
import { autocast, cat, einsum, finfo, losses, nn, tensor, zeros, type DType, type Tensor } from "../../../ir/index.ts";
import { emitOne } from "../../../ir/graph/index.ts";
import { interpret, ndarray } from "../../../ir/interpret/index.ts";
import { Tensor as TensorClass } from "../../../ir/tensor/tensor.ts";
import { roundTo } from "../../../ir/types/index.ts";
import { mistake } from "../mistake.ts";

const of = (dtype: DType, ...shape: number[]): Tensor => zeros(shape, dtype) as Tensor;
const numbers = (y: Tensor): number[] => [...interpret({ name: "f", inputs: [], outputs: [{ name: "y", value: y.value }], updates: [] }, { inputs: {}, variables: {} }).outputs.y.data];

test("promotion: halves are above integers, below f32, and f32 together", () => {
  const pairs: [DType, DType, DType][] = [["f16", "i32", "f16"], ["bf16", "bool", "bf16"], ["f16", "f32", "f32"], ["bf16", "f64", "f64"], ["f16", "bf16", "f32"], ["f16", "f16", "f16"]];
  for (const [a, b, want] of pairs) {
    expect(of(a, 2).add(of(b, 2)).dtype).toBe(want);
    expect(of(b, 2).mul(of(a, 2)).dtype).toBe(want);
  }
  // a number, and a tensor without dimensions, do not widen a half
  expect([of("f16", 2).mul(0.5).dtype, of("bf16", 2).add(of("f32")).dtype, of("f16", 2).half().dtype, of("f32", 2).bfloat16().dtype, of("i32", 2).to("f16").dtype]).toEqual(["f16", "bf16", "f16", "bf16", "f16"]);
});

test("the interpreter rounds the result of every op of halves", () => {
  const x = tensor([2048, 1, 0.1], "f16");
  expect(numbers(x.add(1))).toEqual([2048, 2, roundTo("f16", roundTo("f16", 0.1) + 1)]);
  expect(numbers(x.mul(40))).toEqual([Infinity, 40, roundTo("f16", roundTo("f16", 0.1) * 40)]);
  expect(numbers(tensor([1, 2 ** -9], "bf16").sum())).toEqual([1]);
});

test("what leaves a half's range on the way is computed in f32, and rounded once", () => {
  const x = tensor([300, 400], "f16"); // 300² is no f16
  expect(numbers(x.norm())).toEqual([500]);
  expect(numbers(x.norm())[0]).toBe(500);
  const many = tensor(Array.from({ length: 1000 }, () => 100), "f16");
  expect(numbers(many.mean())).toEqual([100]); // whose sum is no f16
  expect(numbers(tensor([100, 700], "f16").var())).toEqual([Infinity]);
  expect(numbers(tensor([100, 400], "f16").std())).toEqual([roundTo("f16", Math.sqrt(45000))]);
  for (const y of [x.softmax(0), x.logSoftmax(0), x.mean(), x.norm(), x.normalize(2, 0), losses.mse(x, x), nn.functional.layerNorm(x, [2])]) expect(y.dtype).toBe("f16");
});

test("finfo", () => {
  expect(finfo.f16).toEqual({ bits: 16, eps: 2 ** -10, max: 65504, tiny: 2 ** -14, smallestSubnormal: 2 ** -24 });
  expect(finfo.bf16).toEqual({ bits: 16, eps: 2 ** -7, max: 3.3895313892515355e38, tiny: 2 ** -126, smallestSubnormal: 2 ** -133 });
  expect([finfo.f32.max, finfo.f64.max, finfo.f64.eps, finfo.f64.smallestSubnormal]).toEqual([3.4028234663852886e38, Number.MAX_VALUE, Number.EPSILON, Number.MIN_VALUE]);
  for (const dtype of ["f16", "bf16"] as const) expect([finfo[dtype].max, finfo[dtype].tiny, finfo[dtype].smallestSubnormal].map((x) => roundTo(dtype, x))).toEqual([finfo[dtype].max, finfo[dtype].tiny, finfo[dtype].smallestSubnormal]);
});

test("autocast: products in the half, what needs more in f32, the rest as it comes", () => {
  const x = of("f32", 2, 3), w = of("f32", 4, 3), b = of("f32", 4), image = of("f32", 1, 2, 5, 5), kernel = of("f32", 3, 2, 3, 3), shift = of("f32", 3);
  autocast("bf16", () => {
    const y = nn.functional.linear(x, w, b);
    expect(y.dtype).toBe("bf16");
    expect([x.matmul(w.t()).dtype, einsum("ij,kj->ik", x, w).dtype, nn.functional.conv2d(image, kernel, shift).dtype, nn.functional.convTranspose2d(image, of("f32", 2, 3, 3, 3), shift).dtype]).toEqual(["bf16", "bf16", "bf16", "bf16"]);
    expect([y.relu().dtype, y.tanh().dtype, y.add(1).dtype, y.reshape(8).dtype, y.amax(0).dtype]).toEqual(["bf16", "bf16", "bf16", "bf16", "bf16"]);
    expect([y.exp().dtype, y.log().dtype, y.pow(2).dtype, y.sum().dtype, y.mean().dtype, y.softmax(-1).dtype, y.cumsum(0).dtype, y.norm().dtype, losses.mse(y, y).dtype, nn.functional.layerNorm(y, [4]).dtype]).toEqual(new Array(10).fill("f32"));
    expect(y.add(b).dtype).toBe("f32");
    // products of tensors that are halves, or f32, or both
    expect(y.matmul(w).dtype).toBe("bf16");
    expect(nn.functional.scaledDotProductAttention(y, of("f32", 5, 4), of("f32", 5, 4)).dtype).toBe("bf16");
    expect(nn.functional.batchNorm(y.reshape([1, 2, 4]), { training: true }).output.dtype).toBe("bf16");
    expect(autocast(null, () => x.matmul(w.t()).dtype)).toBe("f32");
    expect(autocast("f16", () => y.matmul(w).dtype)).toBe("f16");
    expect(of("f64", 2, 3).matmul(of("f64", 3, 2)).dtype).toBe("f64");
    expect(of("i32", 2, 3).matmul(of("i32", 3, 2)).dtype).toBe("i32");
    expect(cat([y, of("bf16", 2, 4)]).dtype).toBe("bf16");
  });
  expect(x.matmul(w.t()).dtype).toBe("f32");
  expect(mistake(() => autocast("f32" as "f16", () => x))).toContain('autocast to "f32"');
  expect(() => autocast("f16", () => { throw new Error("inside"); })).toThrow("inside");
  expect(x.matmul(w.t()).dtype).toBe("f32");
});

test("arrays given to the interpreter are rounded to halves", () => {
  const x = emitOne("input", [], { name: "x", type: { dtype: "f16", shape: [2] } });
  const { y } = interpret({ name: "f", inputs: [x], outputs: [{ name: "y", value: new TensorClass(x).float().value }], updates: [] }, { inputs: { x: ndarray("f16", [2], [1 / 3, 1e6]) }, variables: {} }).outputs;
  expect([y.dtype, ...y.data]).toEqual(["f32", roundTo("f16", 1 / 3), Infinity]);
});

test("attention of halves: scores and sums in f32, with a mask, and its derivative", () => {
  const [q, k, v] = [1, 2, 3].map((seed) => tensor([0, 1, 2, 3].map((i) => [0, 1, 2].map((j) => Math.sin(seed * 7 + i * 3 + j) * 30)), "f16") as Tensor);
  const mask = zeros([4, 4]) as Tensor;
  for (const options of [{}, { isCausal: true }, { attnMask: mask }]) {
    const half = nn.functional.scaledDotProductAttention(q, k, v, options);
    expect(half.dtype).toBe("f16");
    const exact = numbers(nn.functional.scaledDotProductAttention(q.float(), k.float(), v.float(), options)).map((x) => roundTo("f16", x));
    expect(numbers(half)).toEqual(exact);
    expect(numbers(autocast("f16", () => nn.functional.scaledDotProductAttention(q.float(), k, v, options)))).toEqual(exact);
  }
});
