import fc from "fast-check";
import { expect, test } from "vitest";
import { arange, blockDiag, cartesianProd, cat, columnStack, defineModel, dstack, f32, hstack, meshgrid, pad, stack, tensor, vstack, zeros, type Tensor } from "chainrule";
import { mistake } from "../mistake.ts";
import { array, flat, gradients, input, valueOf, type Nested } from "./graph.ts";

const range = (...shape: number[]): Tensor => arange(shape.reduce((a, b) => a * b, 1)).reshape(shape);
const x = range(2, 3, 4);

test("reshape and its kin keep the elements in order", () => {
  expect(flat(valueOf(x.reshape(4, -1)))).toEqual(flat(valueOf(x)));
  expect(x.reshape([4, -1]).shape).toEqual([4, 6]);
  expect(x.flatten(1).shape).toEqual([2, 12]);
  expect(x.flatten(-2, -1).shape).toEqual([2, 12]);
  expect(tensor(1).flatten().shape).toEqual([1]);
  expect(x.unflatten(2, [2, -1]).shape).toEqual([2, 3, 2, 2]);
  expect(range(1, 3, 1).squeeze().shape).toEqual([3]);
  expect(range(1, 3, 1).squeeze(1).shape).toEqual([1, 3, 1]);
  expect(range(1, 3, 1).squeeze([0, -1]).shape).toEqual([3]);
  expect(x.unsqueeze(-1).shape).toEqual([2, 3, 4, 1]);
  expect(x.viewAs(zeros([24])).shape).toEqual([24]);
});

test("symbolic sizes cancel, and are kept", () => {
  const s = input("s", ["B", 8, "T"]);
  expect(s.reshape("B", 2, 4, "T").shape).toEqual(["B", 2, 4, "T"]);
  expect(s.reshape("T", -1).shape).toEqual(["T", "8*B"]);
  expect(s.flatten().shape).toEqual(["8*B*T"]);
  expect(s.unsqueeze(0).squeeze().shape).toEqual(["B", 8, "T"]);
  expect(mistake(() => s.reshape("B", 9, -1))).toContain("8*B*T elements do not divide by 9*B");
  expect(mistake(() => (x as Tensor).view(5, 5))).toContain("cannot reshape i32[2,3,4] (24 elements) to [5,5] (25 elements)");
  expect(mistake(() => x.reshape(-1, -1))).toContain("only one dimension can be -1");
});

test("orders of axes", () => {
  expect(valueOf(range(2, 3).t())).toEqual([[0, 3], [1, 4], [2, 5]]);
  expect(x.T().shape).toEqual([4, 3, 2]);
  expect(x.mT().shape).toEqual([2, 4, 3]);
  expect(x.movedim([0, 1], [1, 2]).shape).toEqual([4, 2, 3]);
  expect(x.permute(2, 0, 1).shape).toEqual([4, 2, 3]);
  expect(valueOf(range(3).t())).toEqual([0, 1, 2]);
  expect(valueOf(range(2, 2).rot90())).toEqual([[1, 3], [0, 2]]);
  expect(valueOf(range(2, 2).rot90(-1))).toEqual([[2, 0], [3, 1]]);
  expect(valueOf(range(2, 3).fliplr())).toEqual([[2, 1, 0], [5, 4, 3]]);
  expect(mistake(() => x.t())).toContain("t of i32[2,3,4]: it takes at most 2 dimensions");
  expect(mistake(() => x.permute(0, 1))).toContain("every axis must be named once");
});

// ---- at: against Python's rules on nested arrays

type Item = number | null | readonly [number | null, number | null, number | null] | "...";
const pythonSlice = <T>(list: readonly T[], [start, stop, step]: readonly [number | null, number | null, number | null]): T[] => {
  const n = list.length, clip = (b: number): number => Math.min(Math.max(b < 0 ? b + n : b, 0), n);
  const out: T[] = [];
  for (let i = start === null ? 0 : clip(start); i < (stop === null ? n : clip(stop)); i += step ?? 1) out.push(list[i]);
  return out;
};
function python(v: Nested, items: readonly Item[], rank: number): Nested {
  if (items.length === 0) return v;
  const [item, ...rest] = items;
  if (item === null) return [python(v, rest, rank)];
  if (item === "...") {
    const whole = rank - rest.filter((r) => r !== null).length;
    return python(v, [...Array.from({ length: whole }, (): Item => [null, null, null]), ...rest], rank);
  }
  const list = v as readonly Nested[];
  if (typeof item === "number") return python(list.at(item)!, rest, rank - 1);
  return pythonSlice(list, item).map((e) => python(e, rest, rank - 1));
}

test("at indexes as Python does", () => {
  const bound = fc.option(fc.integer({ min: -6, max: 6 })), step = fc.option(fc.integer({ min: 1, max: 3 }));
  const item = fc.oneof(fc.integer({ min: -2, max: 1 }), fc.constant(null), fc.tuple(bound, bound, step));
  fc.assert(fc.property(fc.array(item, { maxLength: 5 }), fc.option(fc.nat(5)), (items: Item[], dots) => {
    const list = [...items];
    if (dots !== null) list.splice(Math.min(dots, list.length), 0, "...");
    fc.pre(list.filter((i) => i !== null && i !== "...").length <= 3);
    const text = (i: Item) => (Array.isArray(i) ? i.map((b) => b ?? "").join(":") : i); // slices as text mean the same
    const want = python(valueOf(x), list, 3);
    expect(valueOf(x.at(...list))).toEqual(want);
    expect(valueOf(x.at(...list.map(text) as Item[]))).toEqual(want);
  }), { numRuns: 300 });
});

test("at with index tensors: broadcast, negative, in place or in front", () => {
  const rows = tensor([1, -1, 0]), columns = tensor([[0], [2]]);
  expect(valueOf(range(3, 4).at(rows))).toEqual([[4, 5, 6, 7], [8, 9, 10, 11], [0, 1, 2, 3]]);
  expect(valueOf(range(3, 4).at(rows, tensor([0, 1, 2])))).toEqual([4, 9, 2]);
  expect(x.at(":", rows).shape).toEqual([2, 3, 4]);
  expect(x.at(":", rows, columns).shape).toEqual([2, 2, 3]);
  expect(x.at(tensor([0, 1]), ":", tensor([1, 2])).shape).toEqual([2, 3]);
  expect(valueOf(x.at(tensor([0, 1]), ":", tensor([1, 2])))).toEqual([[1, 5, 9], [14, 18, 22]]);
  expect(range(2, 3, 4, 5).at(":", tensor([0, 1]), ":", tensor([[1], [2]])).shape).toEqual([2, 2, 2, 4]);
  expect(gradients([[1, 2, 3]], (v) => v.at(tensor([0, 0, -1])))).toEqual([[2, 0, 1]]);
});

test("at on symbolic sizes takes what must be there, and refuses what may not", () => {
  const s = input("s", ["B", "T+1", 4]);
  expect(s.at(":", [1, null]).shape).toEqual(["B", "T", 4]);
  expect(s.at(":", ":-1").shape).toEqual(["B", "T", 4]);
  expect(s.at(0, "T").shape).toEqual([4]);
  expect(s.at("...", "::2").shape).toEqual(["B", "T+1", 2]);
  expect(s.at(-1, [null, null, 2]).shape).toEqual(["((T+2)//(2))", 4]);
  expect(mistake(() => s.at([0, 5]))).toContain("slice 0:5 may be outside axis 0 of f64[B,T+1,4] for some value of its symbols");
  expect(mistake(() => s.at(":", ":", 4))).toContain("index 4 is outside axis 2");
  expect(mistake(() => s.at(0, 0, 0, 0))).toContain("4 indices for f64[B,T+1,4], which has 3 axes");
  expect(mistake(() => s.at(":", ":", [null, null, -1]))).toContain("use flip for the other direction");
  expect(mistake(() => s.at(tensor([true])))).toContain("a mask would select a number of elements that depends on data");
});

test("the range of a symbol says what is there", () => {
  const model = defineModel("ranged", (m) => {
    m.symbol("B", { min: 5 });
    m.fn("head", { x: f32("B", 2) }, ({ x }) => ({ y: x.narrow(0, 0, 5), z: x.at([-5, null]), k: x.topk(5, 0).values }));
    expect(mistake(() => m.fn("more", { x: f32("B", 2) }, ({ x }) => ({ y: x.narrow(0, 0, 6) })))).toContain('declare its range before, as in m.symbol("B", { min: 8 })');
  });
  expect(model.functions[0].outputs.map((o) => o.value.type.shape)).toEqual([[5, 2], [5, 2], [5, 2]]);
  // outside the model, nothing is known of B
  expect(mistake(() => input("s", ["B"]).narrow(0, 0, 5))).toContain("may be outside");
});

test("chunk and split: as many as PyTorch, exact on symbols", () => {
  const sizes = (parts: Tensor[]) => parts.map((p) => p.shape[0]);
  expect(sizes(range(7).chunk(3))).toEqual([3, 3, 1]);
  expect(sizes(range(5).chunk(4))).toEqual([2, 2, 1]);
  expect(sizes(range(3).chunk(5))).toEqual([1, 1, 1]);
  expect(sizes(range(7).split(3))).toEqual([3, 3, 1]);
  expect(sizes(range(6).split([1, 0, 5]))).toEqual([1, 0, 5]);
  expect(valueOf(range(6).split([1, 0, 5])[2])).toEqual([1, 2, 3, 4, 5]);
  const s = input("s", ["3*B", "T"]);
  expect(sizes(s.chunk(3))).toEqual(["B", "B", "B"]);
  expect(sizes(s.split("B"))).toEqual(["B", "B", "B"]);
  expect(sizes(s.split(["2*B", "B"]))).toEqual(["2*B", "B"]);
  expect(mistake(() => s.chunk(2))).toContain("3*B does not divide into 2 for every value of its symbols");
  expect(mistake(() => s.split(2, 1))).toContain("how many parts of 2 axis 1 has depends on its symbols");
  expect(mistake(() => range(5).split([2, 2]))).toContain("sizes [2,2] add up to 4, axis 0 is 5");
  expect(range(2, 3).unbind(1).map((t) => valueOf(t))).toEqual([[0, 3], [1, 4], [2, 5]]);
});

test("joins", () => {
  expect(valueOf(cat([range(2), range(1), range(0)]))).toEqual([0, 1, 0]);
  expect(cat([range(2), tensor([0.5])]).dtype).toBe("f32");
  expect(valueOf(stack([range(2), range(2)], 1))).toEqual([[0, 0], [1, 1]]);
  expect(valueOf(hstack([range(2, 1), range(2, 2)]))).toEqual([[0, 0, 1], [1, 2, 3]]);
  expect(valueOf(vstack([range(2), range(1, 2)]))).toEqual([[0, 1], [0, 1]]);
  expect(dstack([range(2, 2), range(2, 2)]).shape).toEqual([2, 2, 2]);
  expect(valueOf(columnStack([range(2), range(2, 1)]))).toEqual([[0, 0], [1, 1]]);
  expect(meshgrid([range(2), range(3)]).map((t) => valueOf(t))).toEqual([[[0, 0, 0], [1, 1, 1]], [[0, 1, 2], [0, 1, 2]]]);
  expect(meshgrid([range(2), range(3)], { indexing: "xy" }).map((t) => valueOf(t))).toEqual([[[0, 1], [0, 1], [0, 1]], [[0, 0], [1, 1], [2, 2]]]);
  expect(valueOf(cartesianProd(range(2), range(2)))).toEqual([[0, 0], [0, 1], [1, 0], [1, 1]]);
  expect(valueOf(blockDiag(range(1, 1).add(1), range(1, 2).add(2)))).toEqual([[1, 0, 0], [0, 2, 3]]);
  expect(mistake(() => cat([zeros(["B", 2]), zeros(["B", 3])] as Tensor[]))).toContain("cannot concatenate f32[B,2] with f32[B,3] along axis 0");
  expect(mistake(() => cat([tensor(1), tensor(2)]))).toContain("a scalar has no axis to join along\n  use stack");
  expect(cat([input("a", ["B", 2]), input("b", ["T", 2])]).shape).toEqual(["B+T", 2]);
});

test("copies and rolls", () => {
  expect(valueOf(range(2, 2).repeat(2, 1))).toEqual([[0, 1], [2, 3], [0, 1], [2, 3]]);
  expect(range(2, 2).repeat([3, 1, 1]).shape).toEqual([3, 2, 2]);
  expect(valueOf(range(2).tile(2))).toEqual([0, 1, 0, 1]);
  expect(valueOf(range(2).repeatInterleave(2))).toEqual([0, 0, 1, 1]);
  expect(valueOf(range(2, 2).repeatInterleave(2, 1))).toEqual([[0, 0, 1, 1], [2, 2, 3, 3]]);
  expect(valueOf(range(5).roll(2))).toEqual([3, 4, 0, 1, 2]);
  expect(valueOf(range(2, 2).roll([1, -1], [0, 1]))).toEqual([[3, 2], [1, 0]]);
  expect(range(2).repeat("B").shape).toEqual(["2*B"]);
  const s = input("s", ["B"]);
  for (const shift of [0, 1, -1, 5, -7]) expect(valueOf(s.roll(shift, 0), { s: array([0, 1, 2]) })).toEqual(valueOf(range(3).roll(shift)));
  expect(mistake(() => range(2, 2).repeat(2))).toContain("it takes a count for every axis");
});

test("padding: four modes, cropping, and what does not fit", () => {
  const v = range(4);
  expect(valueOf(v.pad([1, 2]))).toEqual([0, 0, 1, 2, 3, 0, 0]);
  expect(valueOf(v.pad([-1, 1], { value: 9 }))).toEqual([1, 2, 3, 9]);
  expect(valueOf(v.pad([2, 1], { mode: "reflect" }))).toEqual([2, 1, 0, 1, 2, 3, 2]);
  expect(valueOf(v.pad([2, 1], { mode: "replicate" }))).toEqual([0, 0, 0, 1, 2, 3, 3]);
  expect(valueOf(v.pad([2, 1], { mode: "circular" }))).toEqual([2, 3, 0, 1, 2, 3, 0]);
  expect(valueOf(pad(range(1, 2), [0, 1, 1, 0]))).toEqual([[0, 0, 0], [0, 1, 0]]);
  expect(gradients([[1, 2, 3]], (t) => t.pad([2, 0], { mode: "reflect" }))).toEqual([[1, 2, 2]]);
  expect(input("s", ["B", 3]).pad([1, 1, 0, "T"]).shape).toEqual(["B+T", 5]);
  expect(mistake(() => v.pad([4, 0], { mode: "reflect" }))).toContain("a reflection is smaller than the axis it reflects");
  expect(mistake(() => v.pad([1]))).toContain("it takes two amounts for each of at most 1 axes");
  expect(mistake(() => v.pad([1, 1], { mode: "edge" as "reflect" }))).toContain('use "constant", "reflect", "replicate" or "circular"');
});

test("triangles and diagonals", () => {
  const q = range(3, 3).add(1);
  expect(valueOf(q.tril())).toEqual([[1, 0, 0], [4, 5, 0], [7, 8, 9]]);
  expect(valueOf(q.triu(1))).toEqual([[0, 2, 3], [0, 0, 6], [0, 0, 0]]);
  expect(valueOf(q.diagonal())).toEqual([1, 5, 9]);
  expect(valueOf(range(3, 4).diagonal(-2))).toEqual([8]);
  expect(range(2, 3, 4).diagonal(1, -1, 0).shape).toEqual([3, 1]);
  expect(valueOf(range(2).add(1).diag(1))).toEqual([[0, 1, 0], [0, 0, 2], [0, 0, 0]]);
  expect(valueOf(range(2).add(1).diagEmbed(-1))).toEqual([[0, 0, 0], [1, 0, 0], [0, 2, 0]]);
  expect(valueOf(q.trace())).toBe(15);
  expect(valueOf(zeros([2, 2], "bool").logicalNot().tril())).toEqual([[1, 0], [1, 1]]);
  expect(valueOf(input("s", ["B", "B"]).diagonal(), { s: array([[1, 2], [3, 4]]) })).toEqual([1, 4]);
  expect(mistake(() => input("s", ["B", "T"]).diagonal())).toContain("how long it is depends on its symbols");
});

test("windows and pixels", () => {
  expect(valueOf(range(7).unfold(0, 3, 2))).toEqual([[0, 1, 2], [2, 3, 4], [4, 5, 6]]);
  expect(range(2, 5, 2).unfold(-2, 3, 1).shape).toEqual([2, 3, 2, 3]);
  expect(valueOf(range(1, 4, 1, 1).pixelShuffle(2))).toEqual([[[[0, 1], [2, 3]]]]);
  expect(valueOf(range(1, 4, 2, 2).pixelShuffle(2).pixelUnshuffle(2))).toEqual(valueOf(range(1, 4, 2, 2)));
});

test("expand repeats only what is 1, and -1 keeps", () => {
  expect(range(3, 1).expand(-1, 4).shape).toEqual([3, 4]);
  expect(range(3).expand("B", -1).shape).toEqual(["B", 3]);
  expect(range(3).expandAs(zeros([2, 3])).shape).toEqual([2, 3]);
  expect(mistake(() => range(3).expand(-1, 3))).toContain("-1 at axis 0, which is new, keeps no size");
  expect(mistake(() => range(3).expand(4))).toContain("cannot expand i32[3] to [4]");
});
