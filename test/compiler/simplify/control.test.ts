import { test } from "vitest";
import { goldenCases } from "./golden.ts";

test("control flow whose course is known", () => goldenCases("simplify/known-control.txt", {
  "a branch that is always taken": `fn @f(%x: f32[B]) {
  %0 = constant false : bool[]
  %1 = cond %0, [%x] : f32[B]
    then(%2: f32[B]) {
      return %2
    }
    else(%3: f32[B]) {
      %4 = exp %3 : f32[B]
      return %4
    }
  return y = %1
}`,
  "two branches that do the same": `fn @f(%p: bool[], %x: f32[B]) {
  %0 = cond %p, [%x] : f32[B]
    then(%1: f32[B]) {
      %2 = exp %1 : f32[B]
      return %2
    }
    else(%3: f32[B]) {
      %4 = exp %3 : f32[B]
      return %4
    }
  return y = %0
}`,
  "a loop that never runs": `fn @f(%x: f32[B]) {
  %0 = while [%x], [] : f32[B]
    test(%1: f32[B]) {
      %2 = constant false : bool[]
      return %2
    }
    body(%3: f32[B]) {
      %4 = exp %3 : f32[B]
      return %4
    }
  return y = %0
}`,
  "a scan of one step": `fn @f(%h: f32[4], %x: f32[1,4]) {
  %0, %1 = scan [%h], [%x], [] { length = 1 } : f32[4], f32[1,4]
    body(%2: i32[], %3: f32[4], %4: f32[4]) {
      %5 = add %3, %4 : f32[4]
      return %5, %5
    }
  return h = %0, ys = %1
}`,
  "a scan of none": `fn @f(%h: f32[4], %x: f32[0,4]) {
  %0, %1 = scan [%h], [%x], [] { length = 0 } : f32[4], f32[0,4]
    body(%2: i32[], %3: f32[4], %4: f32[4]) {
      %5 = add %3, %4 : f32[4]
      return %5, %5
    }
  return h = %0, ys = %1
}`,
}));

test("what nobody needs of control flow is dropped", () => goldenCases("simplify/prune.txt", {
  "a result of a cond, with the operand only it needs": `fn @f(%p: bool[], %x: f32[B], %z: f32[B]) {
  %0, %1 = cond %p, [%x, %z] : f32[B], f32[B]
    then(%2: f32[B], %3: f32[B]) {
      %4 = exp %2 : f32[B]
      %5 = log %3 : f32[B]
      return %4, %5
    }
    else(%6: f32[B], %7: f32[B]) {
      return %6, %7
    }
  return y = %0
}`,
  "a result that is the same operand either way": `fn @f(%p: bool[], %x: f32[B], %z: f32[B]) {
  %0, %1 = cond %p, [%x, %z] : f32[B], f32[B]
    then(%2: f32[B], %3: f32[B]) {
      %4 = exp %2 : f32[B]
      return %4, %3
    }
    else(%5: f32[B], %6: f32[B]) {
      return %5, %6
    }
  return y = %0, z = %1
}`,
  "a stacked result, and a carry that only feeds itself and it": `fn @f(%h: f32[4], %n: f32[4], %x: f32[T,4]) {
  %0, %1, %2 = scan [%h, %n], [%x], [] { length = T } : f32[4], f32[4], f32[T,4]
    body(%3: i32[], %4: f32[4], %5: f32[4], %6: f32[4]) {
      %7 = add %4, %6 : f32[4]
      %8 = mul %5, %6 : f32[4]
      %9 = sin %8 : f32[4]
      return %7, %8, %9
    }
  return y = %0
}`,
  "two carries that only feed each other": `fn @f(%n: i32[], %a: f32[], %b: f32[]) {
  %0, %1, %2 = while [%n, %a, %b], [] : i32[], f32[], f32[]
    test(%3: i32[], %4: f32[], %5: f32[]) {
      %6 = constant 10 : i32[]
      %7 = lt %3, %6 : bool[]
      return %7
    }
    body(%8: i32[], %9: f32[], %10: f32[]) {
      %11 = constant 1 : i32[]
      %12 = add %8, %11 : i32[]
      return %12, %10, %9
    }
  return y = %0
}`,
  "a carry that never changes is a capture; one that comes in twice comes in once": `fn @f(%n: i32[], %w: f32[4], %x: f32[4]) {
  %0, %1, %2 = while [%n, %w, %x], [%w] : i32[], f32[4], f32[4]
    test(%3: i32[], %4: f32[4], %5: f32[4], %6: f32[4]) {
      %7 = constant 10 : i32[]
      %8 = lt %3, %7 : bool[]
      return %8
    }
    body(%9: i32[], %10: f32[4], %11: f32[4], %12: f32[4]) {
      %13 = constant 1 : i32[]
      %14 = add %9, %13 : i32[]
      %15 = mul %11, %10 : f32[4]
      %16 = add %15, %12 : f32[4]
      return %14, %10, %16
    }
  return w = %1, y = %2
}`,
  "constants and views are made inside": `fn @f(%h: f32[4], %w: f32[4,4], %s: f32[]) {
  %0 = constant 2 : f32[4]
  %1 = transpose %w { perm = [1,0] } : f32[4,4]
  %2 = broadcast %s { axes = [] } : f32[4]
  %3 = scan [%h], [], [%0, %1, %2] { length = T } : f32[4]
    body(%4: i32[], %5: f32[4], %6: f32[4], %7: f32[4,4], %8: f32[4]) {
      %9 = mul %5, %6 : f32[4]
      %10 = dot %9, %7 { contract = [0]x[0] } : f32[4]
      %11 = add %10, %8 : f32[4]
      return %11
    }
  return y = %3
}`,
  "rows that count, or are all the same": `fn @f(%h: f32[4], %s: f32[4]) {
  %0 = iota { axis = 0 } : f32[T]
  %1 = broadcast %s { axes = [1] } : f32[T,4]
  %2 = constant 3 : f32[T,4]
  %3 = scan [%h], [%0, %1, %2], [] { length = T } : f32[4]
    body(%4: i32[], %5: f32[4], %6: f32[], %7: f32[4], %8: f32[4]) {
      %9 = broadcast %6 { axes = [] } : f32[4]
      %10 = mul %5, %9 : f32[4]
      %11 = add %10, %7 : f32[4]
      %12 = sub %11, %8 : f32[4]
      return %12
    }
  return y = %3
}`,
  "stacked rows that were there before": `fn @f(%h: f32[4], %x: f32[T,4], %w: f32[4]) {
  %0, %1, %2 = scan [%h], [%x], [%w] { length = T } : f32[4], f32[T,4], f32[T,4]
    body(%3: i32[], %4: f32[4], %5: f32[4], %6: f32[4]) {
      %7 = add %4, %5 : f32[4]
      return %7, %5, %6
    }
  return y = %0, xs = %1, ws = %2
}`,
  "what one loop no longer needs is gone from the loop before it": `fn @f(%a: f32[4], %b: f32[4], %x: f32[T,4]) {
  %0, %1, %2, %3 = scan [%a, %b], [%x], [] { length = T } : f32[4], f32[4], f32[T,4], f32[T,4]
    body(%4: i32[], %5: f32[4], %6: f32[4], %7: f32[4]) {
      %8 = add %5, %7 : f32[4]
      %9 = mul %6, %7 : f32[4]
      return %8, %9, %8, %9
    }
  %10, %11 = scan [%0, %1], [%2, %3], [] { length = T } : f32[4], f32[4]
    body(%12: i32[], %13: f32[4], %14: f32[4], %15: f32[4], %16: f32[4]) {
      %17 = add %13, %15 : f32[4]
      %18 = mul %14, %16 : f32[4]
      return %17, %18
    }
  return y = %10
}`,
}));

test("what every trip would repeat is done before the loop", () => goldenCases("simplify/hoist.txt", {
  "work on captures; views stay": `fn @f(%h: f32[B,4], %w: f32[4,4], %b: f32[4]) {
  %0 = scan [%h], [], [%w, %b] { length = T } : f32[B,4]
    body(%1: i32[], %2: f32[B,4], %3: f32[4,4], %4: f32[4]) {
      %5 = transpose %3 { perm = [1,0] } : f32[4,4]
      %6 = tanh %5 : f32[4,4]
      %7 = dot %2, %6 { contract = [1]x[0] } : f32[B,4]
      %8 = exp %4 : f32[4]
      %9 = broadcast %8 { axes = [1] } : f32[B,4]
      %10 = add %7, %9 : f32[B,4]
      return %10
    }
  return y = %0
}`,
  "from a loop in a loop, as far as it goes; in a test as well": `fn @f(%n: f32[], %w: f32[4]) {
  %0 = while [%n], [%w] : f32[]
    test(%1: f32[], %2: f32[4]) {
      %3 = mul %2, %2 : f32[4]
      %4 = reduce %3 { reducer = sum, axes = [0] } : f32[]
      %5 = lt %1, %4 : bool[]
      return %5
    }
    body(%6: f32[], %7: f32[4]) {
      %8 = scan [%6], [], [%7] { length = T } : f32[]
        body(%9: i32[], %10: f32[], %11: f32[4]) {
          %12 = exp %11 : f32[4]
          %13 = reduce %12 { reducer = sum, axes = [0] } : f32[]
          %14 = add %10, %13 : f32[]
          return %14
        }
      return %8
    }
  return y = %0
}`,
  "not what might stop a program whose loop does not run": `fn @f(%n: i32[], %i: i32[], %x: f32[4]) {
  %0, %1 = while [%n, %i], [%x] : i32[], i32[]
    test(%2: i32[], %3: i32[], %4: f32[4]) {
      %5 = constant 0 : i32[]
      %6 = gt %2, %5 : bool[]
      return %6
    }
    body(%7: i32[], %8: i32[], %9: f32[4]) {
      %10 = constant 1 : i32[]
      %11 = sub %7, %10 : i32[]
      %12 = gather %9, %8 { axes = [0] } : f32[]
      %13 = convert %12 : i32[]
      %14 = add %11, %13 : i32[]
      return %14, %8
    }
  return y = %0
}`,
  "but from a scan, which does": `fn @f(%h: f32[], %i: i32[], %x: f32[4]) {
  %0 = scan [%h], [], [%x, %i] { length = T } : f32[]
    body(%1: i32[], %2: f32[], %3: f32[4], %4: i32[]) {
      %5 = gather %3, %4 { axes = [0] } : f32[]
      %6 = add %2, %5 : f32[]
      return %6
    }
  return y = %0
}`,
}));
