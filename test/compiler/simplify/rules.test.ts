import { test } from "vitest";
import { fn, goldenCases } from "./golden.ts";

const x = "%x: f32[B,4]", n = "%n: i32[B,4]", p = "%p: bool[B,4]";
const c = (value: string | number, type = "f32[B,4]"): string => `%c = constant ${value} : ${type}`;

test("sums", () => goldenCases("simplify/sums.txt", {
  "x + 0: -0 + 0 is 0": fn(x, c(0), "%y = add %x, %c : f32[B,4]"),
  "0 + n": fn(n, c(0, "i32[B,4]"), "%y = add %c, %n : i32[B,4]"),
  "x + -0": fn(x, c("-0"), "%y = add %x, %c : f32[B,4]"),
  "x - 0": fn(x, c(0), "%y = sub %x, %c : f32[B,4]"),
  "x - -0": fn(x, c("-0"), "%y = sub %x, %c : f32[B,4]"),
  "exp(x) + 0 and (x + 1) - -0": fn(x, c(0), "%0 = exp %x : f32[B,4]", "%1 = add %0, %c : f32[B,4]", "%2 = constant 1 : f32[B,4]", "%3 = add %x, %2 : f32[B,4]", "%4 = constant -0 : f32[B,4]", "%5 = sub %3, %4 : f32[B,4]", "%y = mul %1, %5 : f32[B,4]"),
  "a + -b": fn("%a: f32[B], %b: f32[B]", "%0 = neg %b : f32[B]", "%y = add %a, %0 : f32[B]"),
  "-a + b": fn("%a: f32[B], %b: f32[B]", "%0 = neg %a : f32[B]", "%y = add %0, %b : f32[B]"),
  "a - -b": fn("%a: f32[B], %b: f32[B]", "%0 = neg %b : f32[B]", "%y = sub %a, %0 : f32[B]"),
  "--x": fn(x, "%0 = neg %x : f32[B,4]", "%y = neg %0 : f32[B,4]"),
  "n - n is 0": fn(n, "%y = sub %n, %n : i32[B,4]"),
  "x - x may be NaN": fn(x, "%y = sub %x, %x : f32[B,4]"),
  "0 - n": fn(n, c(0, "i32[B,4]"), "%y = sub %c, %n : i32[B,4]"),
  "(n + 3) + 4": fn(n, "%0 = constant 3 : i32[B,4]", "%1 = constant 4 : i32[B,4]", "%2 = add %n, %0 : i32[B,4]", "%y = add %2, %1 : i32[B,4]"),
  "(x + 3) + 4 would round otherwise": fn(x, "%0 = constant 3 : f32[B,4]", "%1 = constant 4 : f32[B,4]", "%2 = add %x, %0 : f32[B,4]", "%y = add %2, %1 : f32[B,4]"),
}));

test("products and quotients", () => goldenCases("simplify/products.txt", {
  "x * 1": fn(x, c(1), "%y = mul %x, %c : f32[B,4]"),
  "-1 * x": fn(x, c(-1), "%y = mul %c, %x : f32[B,4]"),
  "n * 0": fn(n, c(0, "i32[B,4]"), "%y = mul %n, %c : i32[B,4]"),
  "x * 0 may be NaN": fn(x, c(0), "%y = mul %x, %c : f32[B,4]"),
  "-(x * 3)": fn(x, c(3), "%0 = mul %x, %c : f32[B,4]", "%y = neg %0 : f32[B,4]"),
  "-x * 3": fn(x, c(3), "%0 = neg %x : f32[B,4]", "%y = mul %0, %c : f32[B,4]"),
  "-a * -b": fn("%a: f32[B], %b: f32[B]", "%0 = neg %a : f32[B]", "%1 = neg %b : f32[B]", "%y = mul %0, %1 : f32[B]"),
  "-a / -b": fn("%a: f32[B], %b: f32[B]", "%0 = neg %a : f32[B]", "%1 = neg %b : f32[B]", "%y = div %0, %1 : f32[B]"),
  "x / 1": fn(x, c(1), "%y = div %x, %c : f32[B,4]"),
  "x / -1": fn(x, c(-1), "%y = div %x, %c : f32[B,4]"),
  "x / 8 is exact as a product": fn(x, c(8), "%y = div %x, %c : f32[B,4]"),
  "x / 10 is not": fn(x, c(10), "%y = div %x, %c : f32[B,4]"),
  "1 / x": fn(x, c(1), "%y = div %c, %x : f32[B,4]"),
  "n // 1 and n % 1": fn(n, c(1, "i32[B,4]"), "%0 = floorDivide %n, %c : i32[B,4]", "%1 = remainder %n, %c : i32[B,4]", "%y = add %0, %1 : i32[B,4]"),
}));

test("powers, rounding and extremes", () => goldenCases("simplify/powers.txt", {
  "x ** 0": fn(x, c(0), "%y = pow %x, %c : f32[B,4]"),
  "x ** 1": fn(x, c(1), "%y = pow %x, %c : f32[B,4]"),
  "x ** 2": fn(x, c(2), "%y = pow %x, %c : f32[B,4]"),
  "x ** 3": fn(x, c(3), "%y = pow %x, %c : f32[B,4]"),
  "x ** 4": fn(x, c(4), "%y = pow %x, %c : f32[B,4]"),
  "x ** -1": fn(x, c(-1), "%y = pow %x, %c : f32[B,4]"),
  "x ** 0.5, of any x": fn(x, c(0.5), "%y = pow %x, %c : f32[B,4]"),
  "(x * x) ** 0.5": fn(x, c(0.5), "%0 = mul %x, %x : f32[B,4]", "%y = pow %0, %c : f32[B,4]"),
  "exp(x) ** -0.5": fn(x, c(-0.5), "%0 = exp %x : f32[B,4]", "%y = pow %0, %c : f32[B,4]"),
  "x ** 2.5": fn(x, c(2.5), "%y = pow %x, %c : f32[B,4]"),
  "n ** 2": fn(n, c(2, "i32[B,4]"), "%y = pow %n, %c : i32[B,4]"),
  "|-x| and ||x||": fn(x, "%0 = neg %x : f32[B,4]", "%1 = abs %0 : f32[B,4]", "%y = abs %1 : f32[B,4]"),
  "ceil(floor(x))": fn(x, "%0 = floor %x : f32[B,4]", "%y = ceil %0 : f32[B,4]"),
  "max(x, x)": fn(x, "%y = maximum %x, %x : f32[B,4]"),
  "max(max(x, 1), 2)": fn(x, "%0 = constant 1 : f32[B,4]", "%1 = constant 2 : f32[B,4]", "%2 = maximum %x, %0 : f32[B,4]", "%y = maximum %2, %1 : f32[B,4]"),
  "max(x, -inf)": fn(x, c("-inf"), "%y = maximum %x, %c : f32[B,4]"),
  "max(x, inf): x may be NaN": fn(x, c("inf"), "%y = maximum %x, %c : f32[B,4]"),
  "min(n, lowest)": fn(n, c(-2147483648, "i32[B,4]"), "%y = minimum %n, %c : i32[B,4]"),
}));

test("logic, comparison, choice and conversion", () => goldenCases("simplify/logic.txt", {
  "not not p": fn(p, "%0 = logicalNot %p : bool[B,4]", "%y = logicalNot %0 : bool[B,4]"),
  "not (a = b)": fn("%a: f32[B], %b: f32[B]", "%0 = eq %a, %b : bool[B]", "%y = logicalNot %0 : bool[B]"),
  "not (a < b) holds for NaN": fn("%a: f32[B], %b: f32[B]", "%0 = lt %a, %b : bool[B]", "%y = logicalNot %0 : bool[B]"),
  "p and true": fn(p, c("true", "bool[B,4]"), "%y = bitAnd %p, %c : bool[B,4]"),
  "p and false": fn(p, c("false", "bool[B,4]"), "%y = bitAnd %c, %p : bool[B,4]"),
  "p or p": fn(p, "%y = bitOr %p, %p : bool[B,4]"),
  "p xor true": fn(p, c("true", "bool[B,4]"), "%y = bitXor %p, %c : bool[B,4]"),
  "n and -1": fn(n, c(-1, "i32[B,4]"), "%y = bitAnd %n, %c : i32[B,4]"),
  "n = n": fn(n, "%y = eq %n, %n : bool[B,4]"),
  "x < x": fn(x, "%y = lt %x, %x : bool[B,4]"),
  "x <= x is false for NaN": fn(x, "%y = le %x, %x : bool[B,4]"),
  "2 < x": fn(x, c(2), "%y = lt %c, %x : bool[B,4]"),
  "f32(p) > 0": fn(p, c(0), "%0 = convert %p : f32[B,4]", "%y = gt %0, %c : bool[B,4]"),
  "f32(p) = 0": fn(p, c(0), "%0 = convert %p : f32[B,4]", "%y = eq %0, %c : bool[B,4]"),
  "true ? a : b": fn("%a: f32[B,4], %b: f32[B,4]", c("true", "bool[B,4]"), "%y = select %c, %a, %b : f32[B,4]"),
  "p ? x : x": fn(`${p}, ${x}`, "%y = select %p, %x, %x : f32[B,4]"),
  "not p ? 0 : x": fn(`${p}, ${x}`, c(0), "%0 = logicalNot %p : bool[B,4]", "%y = select %0, %c, %x : f32[B,4]"),
  "p ? 1 : 0": fn(p, c(1), "%d = constant 0 : f32[B,4]", "%y = select %p, %c, %d : f32[B,4]"),
  "p ? (p ? a : b) : c": fn(`${p}, %a: f32[B,4], %b: f32[B,4], %d: f32[B,4]`, "%0 = select %p, %a, %b : f32[B,4]", "%y = select %p, %0, %d : f32[B,4]"),
  "f32(f32(x))": fn(x, "%y = convert %x : f32[B,4]"),
  "i32(f64(n))": fn(n, "%0 = convert %n : f64[B,4]", "%y = convert %0 : i32[B,4]"),
  "f32(i32(p))": fn(p, "%0 = convert %p : i32[B,4]", "%y = convert %0 : f32[B,4]"),
  "f32(i32(x)) truncates": fn(x, "%0 = convert %x : i32[B,4]", "%y = convert %0 : f32[B,4]"),
  "f32(u32(n)) is another number": fn(n, "%0 = convert %n : u32[B,4]", "%y = convert %0 : f32[B,4]"),
  "isNan(f32(n))": fn(n, "%0 = convert %n : f32[B,4]", "%y = isNan %0 : bool[B,4]"),
}));

test("movement", () => goldenCases("simplify/movement.txt", {
  "reshape of reshape": fn(x, "%0 = reshape %x : f32[4*B]", "%y = reshape %0 : f32[2,B,2]"),
  "reshape there and back": fn(x, "%0 = reshape %x : f32[4*B]", "%y = reshape %0 : f32[B,4]"),
  "transpose of transpose": fn("%x: f32[2,3,4]", "%0 = transpose %x { perm = [1,2,0] } : f32[3,4,2]", "%y = transpose %0 { perm = [1,2,0] } : f32[4,2,3]"),
  "transpose there and back": fn(x, "%0 = transpose %x { perm = [1,0] } : f32[4,B]", "%y = transpose %0 { perm = [1,0] } : f32[B,4]"),
  "transpose of a unit axis": fn("%x: f32[B,1,4]", "%y = transpose %x { perm = [1,0,2] } : f32[1,B,4]"),
  "transpose between reshapes": fn(x, "%0 = reshape %x : f32[B,1,4]", "%1 = transpose %0 { perm = [2,1,0] } : f32[4,1,B]", "%y = reshape %1 : f32[4,B]"),
  "broadcast of broadcast": fn("%x: f32[4]", "%0 = broadcast %x { axes = [1] } : f32[B,4]", "%y = broadcast %0 { axes = [0,2] } : f32[B,3,4]"),
  "broadcast along unit axes": fn("%x: f32[4]", "%y = broadcast %x { axes = [1] } : f32[1,4]"),
  "reduced, kept as a unit axis, and expanded": fn(x, "%0 = reduce %x { reducer = max, axes = [1] } : f32[B]", "%1 = reshape %0 : f32[B,1]", "%2 = reshape %1 : f32[B]", "%3 = broadcast %2 { axes = [0] } : f32[B,4]", "%y = sub %x, %3 : f32[B,4]"),
  "reshape of broadcast": fn("%x: f32[B]", "%0 = broadcast %x { axes = [0] } : f32[B,4]", "%y = reshape %0 : f32[B,1,4]"),
  "transpose of broadcast": fn("%x: f32[B,T]", "%0 = broadcast %x { axes = [0,2] } : f32[B,4,T]", "%y = transpose %0 { perm = [2,1,0] } : f32[T,4,B]"),
  "reverse of reverse": fn(x, "%0 = reverse %x { axes = [0,1] } : f32[B,4]", "%y = reverse %0 { axes = [1] } : f32[B,4]"),
  "slice of slice": fn("%x: f32[20]", "%0 = slice %x { start = [2], limit = [19], step = [3] } : f32[6]", "%y = slice %0 { start = [1], limit = [6], step = [2] } : f32[3]"),
  "slice of everything": fn(x, "%y = slice %x { start = [0,0], limit = [B,4] } : f32[B,4]"),
  "slice of padding": fn(x, "%c = constant 0 : f32[]", "%0 = pad %x, %c { low = [0,2], high = [0,3] } : f32[B,9]", "%y = slice %0 { start = [0,2], limit = [B,6] } : f32[B,4]"),
  "slice of one part": fn("%a: f32[B,4], %b: f32[T,4]", "%0 = concat %a, %b { axis = 0 } : f32[B+T,4]", "%y = slice %0 { start = [B,1], limit = [B+T,3] } : f32[T,2]"),
  "slice across parts": fn("%a: f32[4], %b: f32[4]", "%0 = concat %a, %b { axis = 0 } : f32[8]", "%y = slice %0 { start = [3], limit = [5] } : f32[2]"),
  "pad of pad": fn(x, "%c = constant 0 : f32[]", "%0 = pad %x, %c { low = [1,0], high = [0,2] } : f32[B+1,6]", "%y = pad %0, %c { low = [0,1], high = [1,0] } : f32[B+2,7]"),
  "concat of concat": fn("%a: f32[B], %b: f32[3]", "%0 = concat %a, %b { axis = 0 } : f32[B+3]", "%1 = concat %0, %a { axis = 0 } : f32[2*B+3]", "%y = concat %1 { axis = 0 } : f32[2*B+3]"),
  "chunks put together again": fn(x, "%0 = slice %x { start = [0,0], limit = [B,2] } : f32[B,2]", "%1 = slice %x { start = [0,2], limit = [B,4] } : f32[B,2]", "%y = concat %0, %1 { axis = 1 } : f32[B,4]"),
}));

test("sums of what is zero where the others are not", () => {
  const zero = "%c = constant 0 : f32[]";
  goldenCases("simplify/disjoint.txt", {
    "gradients of chunks": fn("%a: f32[B,2], %b: f32[B,3], %d: f32[B,4]", zero, "%0 = pad %d, %c { low = [0,5], high = [0,0] } : f32[B,9]", "%1 = pad %b, %c { low = [0,2], high = [0,4] } : f32[B,9]",
      "%2 = pad %a, %c { low = [0,0], high = [0,7] } : f32[B,9]", "%3 = add %0, %1 : f32[B,9]", "%y = add %3, %2 : f32[B,9]"),
    "zeros are left between": fn("%a: f32[B], %b: f32[T]", zero, "%0 = pad %a, %c { low = [1], high = [T+2] } : f32[B+T+3]", "%1 = pad %b, %c { low = [B+2], high = [1] } : f32[B+T+3]", "%y = add %0, %1 : f32[B+T+3]"),
    "one into the gap of others": fn("%a: f32[2], %b: f32[2]", zero, "%0 = constant 0 : f32[2]", "%1 = concat %a, %0, %b { axis = 0 } : f32[6]", "%2 = pad %b, %c { low = [2], high = [2] } : f32[6]", "%y = add %1, %2 : f32[6]"),
    "windows that overlap are added": fn("%a: f32[3], %b: f32[3]", zero, "%0 = pad %a, %c { low = [0], high = [2] } : f32[5]", "%1 = pad %b, %c { low = [2], high = [0] } : f32[5]", "%y = add %0, %1 : f32[5]"),
    "so is what may": fn("%a: f32[B], %b: f32[T]", zero, "%0 = pad %a, %c { low = [0], high = [T] } : f32[B+T]", "%1 = pad %b, %c { low = [B], high = [0] } : f32[B+T]", "%2 = pad %a, %c { low = [T], high = [0] } : f32[B+T]", "%3 = add %0, %1 : f32[B+T]", "%y = add %3, %2 : f32[B+T]"),
    "padding that is no zero": fn("%a: f32[2], %b: f32[2]", "%c = constant 1 : f32[]", "%0 = pad %a, %c { low = [0], high = [2] } : f32[4]", "%1 = pad %b, %c { low = [2], high = [0] } : f32[4]", "%y = add %0, %1 : f32[4]"),
  });
});

test("movement sinks below elementwise ops", () => goldenCases("simplify/sink.txt", {
  "op of broadcasts": fn("%a: f32[4], %b: f32[4]", "%0 = broadcast %a { axes = [1] } : f32[B,4]", "%1 = broadcast %b { axes = [1] } : f32[B,4]", "%y = mul %0, %1 : f32[B,4]"),
  "op of a broadcast and a number": fn("%a: f32[]", "%0 = broadcast %a { axes = [] } : f32[B,4]", "%c = constant 3 : f32[B,4]", "%y = div %0, %c : f32[B,4]"),
  "broadcasts along different axes of three": fn("%a: f32[B], %b: f32[T]", "%0 = broadcast %a { axes = [0] } : f32[B,T,4]", "%1 = broadcast %b { axes = [1] } : f32[B,T,4]", "%y = add %0, %1 : f32[B,T,4]"),
  "nothing in common": fn("%a: f32[B], %b: f32[4]", "%0 = broadcast %a { axes = [0] } : f32[B,4]", "%1 = broadcast %b { axes = [1] } : f32[B,4]", "%y = add %0, %1 : f32[B,4]"),
  "op of an iota": fn("", "%0 = iota { axis = 1 } : i32[B,4]", "%c = constant 2 : i32[B,4]", "%y = mul %0, %c : i32[B,4]"),
  "op of reshapes": fn(`${x}, %z: f32[B,4]`, "%0 = reshape %x : f32[4*B]", "%1 = exp %0 : f32[4*B]", "%2 = reshape %z : f32[4*B]", "%3 = add %1, %2 : f32[4*B]", "%y = reshape %3 : f32[B,4]"),
  "op of transposes": fn(x, "%0 = transpose %x { perm = [1,0] } : f32[4,B]", "%1 = tanh %0 : f32[4,B]", "%y = transpose %1 { perm = [1,0] } : f32[B,4]"),
}));

test("folds", () => goldenCases("simplify/reduce.txt", {
  "of nothing": fn(x, "%y = reduce %x { reducer = sum, axes = [] } : f32[B,4]"),
  "of unit axes": fn("%x: f32[B,1,4]", "%y = reduce %x { reducer = max, axes = [1,2] } : f32[B]"),
  "of a fold": fn("%x: f32[B,T,4]", "%0 = reduce %x { reducer = sum, axes = [1] } : f32[B,4]", "%y = reduce %0 { reducer = sum, axes = [1] } : f32[B]"),
  "of another fold": fn("%x: f32[B,T,4]", "%0 = reduce %x { reducer = max, axes = [1] } : f32[B,4]", "%y = reduce %0 { reducer = sum, axes = [1] } : f32[B]"),
  "of a transpose": fn("%x: f32[B,T,4]", "%0 = transpose %x { perm = [2,0,1] } : f32[4,B,T]", "%y = reduce %0 { reducer = sum, axes = [2] } : f32[4,B]"),
  "of a reshape": fn(x, "%0 = reshape %x : f32[4*B]", "%y = reduce %0 { reducer = min, axes = [0] } : f32[]"),
  "sum of a broadcast": fn("%x: f32[B]", "%0 = broadcast %x { axes = [0] } : f32[B,4]", "%y = reduce %0 { reducer = sum, axes = [1] } : f32[B]"),
  "sum of a broadcast, along both": fn("%x: f32[4]", "%0 = broadcast %x { axes = [1] } : f32[B,4]", "%y = reduce %0 { reducer = sum, axes = [0,1] } : f32[]"),
  "largest of a broadcast": fn("%x: f32[B]", "%0 = broadcast %x { axes = [0] } : f32[B,4]", "%y = reduce %0 { reducer = max, axes = [1] } : f32[B]"),
  "sum of what may be repeated no times": fn("%x: f32[]", "%0 = broadcast %x { axes = [] } : f32[B-1]", "%y = reduce %0 { reducer = sum, axes = [0] } : f32[]"),
  "sum of negations": fn(x, "%0 = neg %x : f32[B,4]", "%y = reduce %0 { reducer = sum, axes = [1] } : f32[B]"),
  "position in one": fn("%x: f32[B,1]", "%y = argReduce %x { reducer = max, axis = 1 } : i32[B]"),
}));

test("products of tensors", () => goldenCases("simplify/contract.txt", {
  "of transposes": fn("%a: f32[K,B], %b: f32[4,K]", "%0 = transpose %a { perm = [1,0] } : f32[B,K]", "%1 = transpose %b { perm = [1,0] } : f32[K,4]", "%y = dot %0, %1 { contract = [1]x[0] } : f32[B,4]"),
  "of a transpose that changes the order of the result": fn("%a: f32[B,T,K], %b: f32[K,4]", "%0 = transpose %a { perm = [1,0,2] } : f32[T,B,K]", "%y = dot %0, %b { contract = [2]x[0] } : f32[T,B,4]"),
  "a transposed product": fn("%a: f32[B,K], %b: f32[K,4]", "%0 = dot %a, %b { contract = [1]x[0] } : f32[B,4]", "%y = transpose %0 { perm = [1,0] } : f32[4,B]"),
  "an outer product": fn("%a: f32[B], %b: f32[4]", "%y = dot %a, %b : f32[B,4]"),
  "of a scaled operand": fn("%q: f32[B,4], %k: f32[T,4]", "%c = constant 0.5 : f32[B,4]", "%0 = mul %q, %c : f32[B,4]", "%y = dot %0, %k { contract = [1]x[1] } : f32[B,T]"),
  "of operands scaled before they were moved": fn("%q: f32[B,8], %k: f32[T,4]", "%c = constant 0.5 : f32[B,4]", "%d = constant -2 : f32[T,4]", "%0 = slice %q { start = [0,4], limit = [B,8] } : f32[B,4]", "%1 = mul %0, %c : f32[B,4]", "%2 = reshape %1 : f32[B,2,2]",
    "%3 = mul %k, %d : f32[T,4]", "%4 = reshape %3 : f32[T,2,2]", "%y = dot %2, %4 { batch = [1]x[1], contract = [2]x[2] } : f32[2,B,T]"),
  "of what is scaled too much to tell, or computed anyway": fn("%q: f32[B,4], %k: f32[4]", "%c = constant 1000000 : f32[B,4]", "%d = constant 0.5 : f32[4]", "%0 = mul %q, %c : f32[B,4]", "%1 = exp %k : f32[4]", "%2 = mul %1, %d : f32[4]", "%y = dot %0, %2 { contract = [1]x[0] } : f32[B]"),
  "over a unit axis": fn("%a: f32[B,1], %b: f32[1,4]", "%y = dot %a, %b { contract = [1]x[0] } : f32[B,4]"),
  "a batch of numbers": fn("%a: f32[B,4], %b: f32[4,B]", "%y = dot %a, %b { batch = [0,1]x[1,0] } : f32[B,4]"),
}));

test("constants", () => goldenCases("simplify/constants.txt", {
  "of numbers": fn("", "%0 = constant 2 : f32[B]", "%1 = constant 3 : f32[B]", "%2 = pow %0, %1 : f32[B]", "%y = exp %2 : f32[B]"),
  "of elements": fn("", "%0 = constant [1, 2, 3] : f32[3]", "%1 = reverse %0 { axes = [0] } : f32[3]", "%y = cumulative %1 { reducer = sum, axis = 0 } : f32[3]"),
  "equal elements": fn("%x: f32[3]", "%0 = constant [1, 1, 1] : f32[3]", "%y = mul %x, %0 : f32[3]"),
  "moved numbers": fn("", "%0 = constant 2 : f32[B,4]", "%1 = transpose %0 { perm = [1,0] } : f32[4,B]", "%2 = reshape %1 : f32[4*B]", "%3 = slice %2 { start = [1], limit = [B] } : f32[B-1]", "%y = concat %3, %3 { axis = 0 } : f32[2*B-2]"),
  "in 32 bits": fn("", "%0 = constant 2147483647 : i32[]", "%1 = constant 1 : i32[]", "%y = add %0, %1 : i32[]"),
  "a known size, and an unknown one": fn("", "%0 = dimension 12 : i32[]", "%1 = dimension B : i32[]", "%y = mul %0, %1 : i32[]"),
  "an index out of range stays": fn("", "%0 = constant [1, 2, 3] : f32[3]", "%1 = constant [0, 3] : i32[2]", "%y = gather %0, %1 { axes = [0] } : f32[2]"),
}));

test("gathers and scatters in order", () => goldenCases("simplify/indexing.txt", {
  "the first few": fn("%x: f32[4,B]", "%0 = iota { axis = 0 } : i32[3]", "%y = gather %x, %0 { axes = [0] } : f32[3,B]"),
  "all, of the second axis": fn("%x: f32[B,4]", "%0 = iota { axis = 0 } : i32[4]", "%y = gather %x, %0 { axes = [1] } : f32[4,B]"),
  "more than there may be": fn("%x: f32[B]", "%0 = iota { axis = 0 } : i32[3]", "%y = gather %x, %0 { axes = [0] } : f32[3]"),
  "one place": fn("%x: f32[4,B]", "%0 = constant 2 : i32[]", "%y = gather %x, %0 { axes = [0] } : f32[B]"),
  "one place, again and again": fn("%x: f32[4,B]", "%0 = constant 2 : i32[T]", "%y = gather %x, %0 { axes = [0] } : f32[T,B]"),
  "out of range": fn("%x: f32[4,B]", "%0 = constant 4 : i32[]", "%y = gather %x, %0 { axes = [0] } : f32[B]"),
  "every row added": fn("%x: f32[B,4], %u: f32[4,B]", "%0 = iota { axis = 0 } : i32[4]", "%y = scatter %x, %u, %0 { reducer = sum, axes = [1] } : f32[B,4]"),
}));

test("common subexpressions", () => goldenCases("simplify/cse.txt", {
  "equal ops": fn(x, "%0 = exp %x : f32[B,4]", "%1 = exp %x : f32[B,4]", "%y = mul %0, %1 : f32[B,4]"),
  "operands exchanged": fn("%a: f32[B], %b: f32[B]", "%0 = add %a, %b : f32[B]", "%1 = add %b, %a : f32[B]", "%y = mul %0, %1 : f32[B]"),
  "not where the order matters": fn("%a: f32[B], %b: f32[B]", "%0 = div %a, %b : f32[B]", "%1 = div %b, %a : f32[B]", "%y = mul %0, %1 : f32[B]"),
  "0 and -0 are two": fn("", "%0 = constant 0 : f32[B]", "%1 = constant -0 : f32[B]", "%2 = iota { axis = 0 } : f32[B]", "%3 = copysign %2, %0 : f32[B]", "%4 = copysign %2, %1 : f32[B]", "%y = sub %3, %4 : f32[B]"),
  "data of equal content": fn("%x: f32[2]", "%0 = constant [1, 2] : f32[2]", "%1 = constant [1, 2] : f32[2]", "%2 = mul %x, %0 : f32[2]", "%3 = mul %x, %1 : f32[2]", "%y = add %2, %3 : f32[2]"),
}));
