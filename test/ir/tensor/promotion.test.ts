import { expect, test } from "vitest";
import { resultType, scalar, tensor, zeros, type DType, type Scalar } from "chainrule";
import { mistake } from "../mistake.ts";
import { valueOf } from "./graph.ts";

const vector = (d: DType) => zeros([3], d), point = (d: DType) => zeros([], d);

test("tensors with dimensions decide, others only by a higher category", () => {
  expect(resultType(vector("f32"), vector("f64"))).toBe("f64");
  expect(resultType(vector("f32"), point("f64"))).toBe("f32");
  expect(resultType(vector("u8"), vector("i32"))).toBe("i32");
  expect(resultType(vector("u8"), point("i32"))).toBe("u8");
  expect(resultType(vector("i32"), point("f64"))).toBe("f64");
  expect(resultType(vector("bool"), point("u8"))).toBe("u8");
  expect(resultType(point("i32"), point("u8"))).toBe("i32");
  expect(resultType(vector("u32"), vector("u8"))).toBe("u32");
  expect(resultType(vector("u32"), vector("i32"))).toBe("i32");
});

test.each<[DType, Scalar, DType]>([
  ["f32", 2, "f32"], ["f64", 2.5, "f64"], ["i32", 2, "i32"], ["i32", 2.5, "f32"], ["u8", 2, "u8"], ["u8", true, "u8"],
  ["bool", true, "bool"], ["bool", 2, "i32"], ["bool", 2.5, "f32"], ["i32", Infinity, "f32"],
  ["i32", scalar(2, "float"), "f32"], ["bool", scalar(2, "float"), "f32"], ["bool", scalar(1, "bool"), "bool"], ["f64", scalar(2, "float"), "f64"],
])("%s with %j is %s", (dtype, s, want) => {
  expect(resultType(vector(dtype), s)).toBe(want);
  expect(resultType(point(dtype), s)).toBe(want);
});

test("a scalar that an integer dtype cannot hold is a mistake, not a wrapped number", () => {
  expect(mistake(() => vector("u8").add(300))).toContain("300 does not fit in u8 (0 to 255)");
  expect(mistake(() => vector("u32").sub(-1))).toContain("-1 does not fit in u32");
  expect(mistake(() => scalar(2.5, "int"))).toContain("2.5 is not a whole number");
  expect(mistake(() => vector("i32").maskedFill(vector("bool"), 0.5))).toContain("maskedFill of i32[3]: 0.5 does not fit in i32");
  expect(mistake(() => tensor([1, 300], "u8"))).toContain("300 does not fit in u8");
});

test("true division of integers is f32, rounded division keeps them", () => {
  const x = tensor([-7, 7, 6], "i32");
  expect(x.div(2).dtype).toBe("f32");
  expect(valueOf(x.div(2))).toEqual([-3.5, 3.5, 3]);
  expect(valueOf(x.div(2, { roundingMode: "floor" }))).toEqual([-4, 3, 3]);
  expect(valueOf(x.div(2, { roundingMode: "trunc" }))).toEqual([-3, 3, 3]);
  expect(x.div(2, { roundingMode: "trunc" }).dtype).toBe("i32");
  expect(valueOf(tensor([-7, 7.5]).div(2, { roundingMode: "trunc" }))).toEqual([-3, 3]);
});

test("bool adds as or, multiplies as and, and does not subtract", () => {
  const a = tensor([true, true, false]), b = tensor([true, false, false]);
  expect(a.add(b).dtype).toBe("bool");
  expect(valueOf(a.add(b))).toEqual([1, 1, 0]);
  expect(valueOf(a.mul(b))).toEqual([1, 0, 0]);
  expect(mistake(() => a.sub(b))).toContain("sub takes a number, not bool[3]");
});

test("what is no operand is a mistake that says what operands are", () => {
  expect(mistake(() => vector("f32").add(null as unknown as number))).toContain("an operand is null");
  expect(mistake(() => vector("f32").add([1, 2, 3] as unknown as number))).toContain("arrays become tensors with tensor([...])");
  expect(mistake(() => vector("f32").convert("f8" as DType))).toContain('"f8" is not a dtype');
});
