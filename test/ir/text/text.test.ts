import { expect, test } from "vitest";
import type { Model } from "../../../ir/graph/index.ts";
import { parseFunction, parseModel, printFunction, printModel } from "../../../ir/text/index.ts";
import { golden } from "../../golden.ts";

/** Every op with attributes of its own, each attribute at least once not at its default. */
const everything = `
variable @fc1.weight : f32[64,128]
variable @odd name : f32[]
`.replace("@odd name", '@"odd name"') + `
fn @everything(%x: f32[B,64], %y: f32[B,128], %i: i32[B], %p: bool[], %"0": f64[2,3]) {
  %0 = dot %x, @fc1.weight { contract = [1]x[0] } : f32[B,128]      // digits.model.ts:8
  %1 = dot %y, %0 { batch = [0]x[0] } : f32[B,128,128]
  %2 = constant 0.1 : f32[B,128]
  %3 = constant [1, -0, nan, inf, -inf, 0.1] : f32[2,3]
  %4 = constant [true, false] : bool[2]
  %5 = iota { axis = 1 } : i32[B,3]
  %6 = dimension 2*B+1 : i32[]
  %7 = reshape %x : f32[64*B]
  %8 = transpose %0 { perm = [1,0] } : f32[128,B]
  %9 = broadcast %7 { axes = [1] } : f32[3,64*B]
  %10 = slice %7 { start = [1], limit = [64*B], step = [3] } : f32[((64*B+1)//(3))]
  %11 = slice %x { start = [0,3], limit = [B,9] } : f32[B,6]
  %12 = pad %x, @"odd name" { low = [0,1], high = [B,0], interior = [0,2] } : f32[2*B,191]
  %13 = pad %x, @"odd name" { low = [1,0], high = [0,0] } : f32[B+1,64]
  %14 = concat %x, %y, %x { axis = 1 } : f32[B,256]
  %15 = reverse %x { axes = [0,1] } : f32[B,64]
  %16 = reduce %x { reducer = max, axes = [1] } : f32[B]
  %17 = argReduce %x { reducer = min, axis = 1 } : i32[B]
  %18 = gather %x, %i, %i { axes = [0,1] } : f32[B]
  %19 = gather %x, %i { axes = [1], batch = [0]x[0] } : f32[B]
  %20 = scatter %x, %18, %i { reducer = sum, axes = [1], batch = [0]x[0] } : f32[B,64]
  %21 = cumulative %x { reducer = prod, axis = 0, reverse = true } : f32[B,64]
  %22, %23 = sort %x { axis = 1, descending = true } : f32[B,64], i32[B,64]
  %24 = convert %"0" : i32[2,3]
  %25 = lt %x, %x : bool[B,64]
  %26 = select %25, %x, %x : f32[B,64]
  %27, %28 = cond %p, [%0, %i] : f32[B,128], i32[B]
    then(%29: f32[B,128], %30: i32[B]) {
      %31 = tanh %29 : f32[B,128]
      return %31, %30
    }
    else(%32: f32[B,128], %33: i32[B]) {
      return %32, %33
    }
  %34 = while [%27], [%p, %y] { maxTrips = B+1 } : f32[B,128]
    test(%35: f32[B,128], %36: bool[], %37: f32[B,128]) {
      return %36
    }
    body(%38: f32[B,128], %39: bool[], %40: f32[B,128]) {
      %41 = cond %39, [%38] : f32[B,128]
        then(%42: f32[B,128]) {
          %43 = neg %42 : f32[B,128]
          return %43
        }
        else(%44: f32[B,128]) {
          return %44
        }
      return %41
    }
  %45, %46 = scan [@"odd name"], [%x], [%y] { length = B, reverse = true } : f32[], f32[B,128]
    body(%47: i32[], %48: f32[], %49: f32[64], %50: f32[B,128]) {
      %51 = constant 0 : f32[128]
      return %48, %51
    }
  %52 = custom %45 { name = "my square" } : f32[]
    forward(%53: f32[]) {
      %54 = mul %53, %53 : f32[]
      return %54
    }
    backward(%55: f32[], %56: f32[], %57: f32[]) {
      return %57
    }
  %58 = stopGradient %52 : f32[]
  %59, %60 = grad %52, [@"odd name", @fc1.weight] : f32[], f32[64,128]
  %61 = vjp [%0, %52], [%0, %58], [%x] : f32[B,64]
  %62 = jvp [%0], [%x], [%x] : f32[B,128]
  return loss = %52, a = %1, b = %2, c = %3, d = %4, e = %5, f = %6, h = %8, i = %9, j = %10, k = %11, l = %12, m = %13, n = %14, o = %15, p = %16, q = %17, r = %19, s = %20, t = %21, u = %22, v = %23, w = %24, x = %26, "the y" = %28, z = %34, aa = %46, ab = %59, ac = %61, ad = %62
  update @fc1.weight = %60
}
`;

const trimmed = everything.replace(/^\n/, "").replace(/\n\nfn/, "\nfn");

test("every op and attribute round-trips", () => {
  const fn = parseFunction(everything);
  const printed = printFunction(fn);
  expect(printed).toBe(trimmed.replace(/ {6}\/\/.*/, ""));
  expect(printFunction(parseFunction(printed))).toBe(printed);
});

test("locations are kept as comments when asked for", () => {
  const printed = printFunction(parseFunction(everything, "other.txt"), { locations: true });
  expect(printed).toContain("%0 = dot %x, @fc1.weight { contract = [1]x[0] } : f32[B,128]      // digits.model.ts:8\n");
  expect(printed).toContain("%2 = constant 0.1 : f32[B,128]      // other.txt:8\n");
  expect(printFunction(parseFunction(printed), { locations: true })).toBe(printed);
});

const model = `model digits
symbol B in 1..
symbol T in 2..64
parameter @fc.weight : f32[2,2] = uniform(-0.125, 0.125)
parameter @fc.bias : f32[2] = [1, -0.1]
parameter @embed : f32[5,2] = normal(0, 0.02)
parameter @cut : f32[2] = truncatedNormal(0, 0.02, -2, 2)
parameter @basis : f32[2,2] = orthogonal(1.5)
state @step : i32[] = 0
state @key : u32[2] = seed

fn @predict(%x: f32[B,2]) {
  %0 = dot %x, @fc.weight { contract = [1]x[0] } : f32[B,2]
  return y = %0
}

fn @count() {
  %0 = constant 1 : i32[]
  %1 = add @step, %0 : i32[]
  return
  update @step = %1
}
`;

test("a model round-trips with symbols, variables, roles and initial values", () => {
  const parsed: Model = parseModel(model);
  expect(printModel(parsed)).toBe(model);
  expect(parsed.symbols).toEqual({ B: { min: 1 }, T: { min: 2, max: 64 } });
  expect(parsed.variables.map((v) => [v.role, v.init])).toEqual([
    ["parameter", { kind: "uniform", low: -0.125, high: 0.125 }],
    ["parameter", { kind: "data", data: [1, -0.1] }],
    ["parameter", { kind: "normal", mean: 0, std: 0.02 }],
    ["parameter", { kind: "truncatedNormal", mean: 0, std: 0.02, low: -2, high: 2 }],
    ["parameter", { kind: "orthogonal", gain: 1.5 }],
    ["state", { kind: "constant", value: 0 }],
    ["state", { kind: "seed" }],
  ]);
});

test("the text of a model is as shown in test/golden/text/model.txt", () => golden("text/model.txt", printModel(parseModel(model))));

test("long constants can be shortened for reading", () => {
  const fn = parseFunction("fn @f() {\n  %0 = constant [1, 2, 3, 4, 5] : i32[5]\n  return y = %0\n}");
  const shown = printFunction(fn, { maxElements: 2 });
  expect(shown).toContain("constant [1, 2, … 3 more] : i32[5]");
  expect(() => parseFunction(shown)).toThrow(/expected a number, found "…"/);
});

const body = (line: string): string => `variable @w : f32[]\nfn @f(%x: f32[B,2]) {\n  ${line}\n  return y = %x\n}\n`;
test.each([
  ["%0 = neg %y : f32[B,2]", /%y is not defined here\n {2}at text:3:12/],
  ["%0 = nag %x : f32[B,2]", /there is no op "nag"\n {2}at text:3:8/],
  ["%0 = neg %x : f32[B,3]", /%0 is f32\[B,2\], but the text says f32\[B,3\]\n {2}at text:3:8/],
  ["%0 = neg %x : f31[B,3]", /"f31" is no dtype; they are .*\n {2}at text:3:17/],
  ["%0 = neg %x f32[B,2]", /expected ":", found "f32\[B,2\]"\n {2}at text:3:15/],
  ["%0 = transpose %x : f32[2,B]", /transpose needs the attribute "perm"\n {2}at text:3:8/],
  ["%0 = transpose %x { axes = [0] } : f32[2,B]", /transpose has no attribute "axes"\n {2}at text:3:23/],
  ["%0 = transpose %x { perm = [1,1] } : f32[2,B]", /\[1,1\] is not a permutation of the axes of f32\[B,2\]\n {2}at text:3:8/],
  ["%0 = reduce %x { reducer = avg, axes = [0] } : f32[2]", /expected one of sum, .*, found "avg"\n {2}at text:3:30/],
  ["%0, %1 = neg %x : f32[B,2]", /neg has 1 results, not 2\n {2}at text:3:3/],
  ["%x = neg %x : f32[B,2]", /%x is defined twice\n {2}at text:3:3/],
  ["%0 = cond %x : f32[]", /cond takes 1 operands and 1 lists of them in brackets/],
  ["%0 = neg %x : f32[B**,2]", /is not a dimension/],
  ["%0 = input { name = a } : f32[B]", /there is no op "input"/],
])("a mistake is named with its line and column: %s", (line, message) => {
  expect(() => parseFunction(body(line))).toThrow(message);
});

test("mistakes around the statements", () => {
  expect(() => parseFunction("fn @f() {\n  return\n  update @w = %0\n}")).toThrow(/there is no variable @w\n {2}at text:3:10/);
  expect(() => parseFunction("fn @f() {\n  return\n}\nfn")).toThrow(/expected the end after the function\n {2}at text:4:1/);
  expect(() => parseFunction("fn @f() {\n  return y = 3", "a.txt")).toThrow(/expected "%", found "3"\n {2}at a.txt:2:14/);
});

test("a region does not see the values around it", () => {
  const text = `fn @f(%p: bool[], %x: f32[]) {
  %0 = cond %p, [] : f32[]
    then() {
      return %x
    }
    else() {
      return %x
    }
  return y = %0
}`;
  expect(() => parseFunction(text)).toThrow(/%x is not defined here\n {2}at text:4:14/);
});
