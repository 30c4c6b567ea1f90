import { expect, test } from "vitest";
import { parseFunction } from "../../../ir/text/index.ts";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { lower } from "../../../compiler/fuse/index.ts";
import { scalarLoops } from "../../../compiler/loops/tile.ts";

test("the epilogue of a sum stays apart where a checkpoint waits between them", () => {
  const fn = parseFunction(`fn @f(%x0: f32[T,B], %x1: f32[T,B]) {
    %0 = checkpoint %x0, %x1 : f32[T,B]
      body(%1: f32[T,B], %2: f32[T,B]) {
        %3 = sin %2 : f32[T,B]
        %4 = constant 1.75 : f32[T,B]
        %5 = mul %3, %4 : f32[T,B]
        %6 = constant 2.25 : f32[T,B]
        %7 = add %5, %6 : f32[T,B]
        %8 = hypot %7, %1 : f32[T,B]
        %9 = log %8 : f32[T,B]
        return %9
      }
    %10 = broadcast %0 { axes = [1,2] } : f32[3,T,B]
    %11 = broadcast %x0 { axes = [1,2] } : f32[3,T,B]
    %12 = mul %10, %11 : f32[3,T,B]
    %13 = constant 0.125 : f32[3,T,B]
    %14 = mul %12, %13 : f32[3,T,B]
    %15 = sin %14 : f32[3,T,B]
    %16 = constant 4 : f32[3,T,B]
    %17 = mul %15, %16 : f32[3,T,B]
    %18 = reduce %17 { reducer = sum, axes = [0,1,2] } : f32[]
    %19, %20, %21 = grad %18, [%x0, %x1, %0] : f32[T,B], f32[T,B], f32[T,B]
    return loss = %18, d0 = %19, d1 = %20, d2 = %21
  }`);
  // what it computes is held against the interpreter by the random programs
  expect(lower(expandDerivatives(fn), scalarLoops).steps.length).toBeGreaterThan(1);
});
