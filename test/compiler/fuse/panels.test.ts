import { expect, test } from "vitest";
import { packCaptured } from "../../../compiler/fuse/panels.ts";
import { interpret, type NdArray } from "../../../ir/interpret/index.ts";
import { parseFunction, printFunction } from "../../../ir/text/index.ts";
import { verify } from "../../../ir/verify/index.ts";
import { golden } from "../../golden.ts";

/** Weights that a loop multiplies by are laid out before it. */

const step = (columns: number, rows = "B", contract = "[1]x[1]"): string => `fn @f(%h: f32[${rows},3], %w: f32[${columns},3], %v: f32[3,${columns}]) {
  %0 = scan [%h], [], [%w, %v] { length = 4 } : f32[${rows},3]
    body(%1: i32[], %2: f32[${rows},3], %3: f32[${columns},3], %4: f32[3,${columns}]) {
      %5 = dot %2, %3 { contract = ${contract} } : f32[${rows},${columns}]
      %6 = sigmoid %5 : f32[${rows},${columns}]
      %7 = dot %6, %4 { contract = [1]x[1] } : f32[${rows},3]
      return %7
    }
  return y = %0
}`;

test("a step's product with transposed weights", () => {
  golden("loops/panels.txt", printFunction(packCaptured(parseFunction(step(16)), 8)));
});

const whileText = `fn @f(%h: f32[B,8], %w: f32[8,8], %n: f32[]) {
  %0, %1 = while [%h, %n], [%w] : f32[B,8], f32[]
    test(%2: f32[B,8], %3: f32[], %4: f32[8,8]) {
      %5 = constant 0 : f32[]
      %6 = gt %3, %5 : bool[]
      return %6
    }
    body(%7: f32[B,8], %8: f32[], %9: f32[8,8]) {
      %10 = dot %7, %9 { contract = [1]x[1] } : f32[B,8]
      %11 = constant 1 : f32[]
      %12 = sub %8, %11 : f32[]
      return %10, %12
    }
  return y = %0
}`;

test.each([["scan", step(16)], ["while", whileText]])("%s: the same values, of a graph that is right", (_, text) => {
  const fn = parseFunction(text), packed = packCaptured(fn, 8);
  expect(packed).not.toBe(fn);
  verify(packed);
  const inputs = Object.fromEntries(fn.inputs.map((v, k): [string, NdArray] => {
    const shape = v.type.shape.map((d) => (d === "B" ? 5 : d as number)), size = shape.reduce((a, b) => a * b, 1);
    return [(v.node.attrs as { name: string }).name, { dtype: "f32", shape, data: Float64Array.from({ length: size }, (_, i) => (size === 1 ? 3 : Math.sin(i + k))) }];
  }));
  const [want, got] = [fn, packed].map((f) => interpret(f, { inputs, variables: {} }).outputs.y.data);
  got.forEach((x, i) => expect(x).toBeCloseTo(want[i], 12));
});

test.each([["no whole panels", step(12)], ["one row", step(16, "1")]])("%s: left as it is", (_, text) => {
  const fn = parseFunction(text);
  expect(printFunction(packCaptured(fn, 8))).toBe(printFunction(fn));
});

test("panels are as wide as a tile where columns are made up of such, else of two vectors", () => {
  const panels = (columns: number): RegExpMatchArray[] => [...printFunction(packCaptured(parseFunction(step(columns)), 16)).matchAll(/transpose .* : f32\[(\d+,3,\d+)\]/g)];
  expect(panels(32).map(([, shape]) => shape)).toEqual(["2,3,16"]);
  expect(panels(24).map(([, shape]) => shape)).toEqual(["3,3,8"]);
});
