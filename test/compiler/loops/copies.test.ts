import { expect, test } from "vitest";
import { parseFunction } from "../../../ir/text/index.ts";
import { interpret } from "../../../ir/interpret/index.ts";
import { printWgsl } from "../../../compiler/codegen/wgsl/index.ts";
import { lower } from "../../../compiler/fuse/index.ts";
import { printKernel } from "../../../compiler/loops/print.ts";
import { scalarLoops } from "../../../compiler/loops/tile.ts";
import { compileFunction } from "../../../compiler/pipeline.ts";
import { modelOf } from "../../fuzz/compiled.ts";
import { randomInputs } from "../../fuzz/programs.ts";
import { runProgram } from "../fuse/run.ts";

/** `depth` times x ← x·x/(1+x²), then `ending` of what that comes to, %last. */
const chain = (depth: number, ending: string, size = "N") => parseFunction(`fn @f(%x: f32[${size}]) {
  %one = constant 1 : f32[${size}]
${Array.from({ length: depth }, (_, k) => {
    const x = k === 0 ? "%x" : `%x${k}`, next = k === depth - 1 ? "%last" : `%x${k + 1}`;
    return `  %s${k} = mul ${x}, ${x} : f32[${size}]\n  %t${k} = add %s${k}, %one : f32[${size}]\n  ${next} = div %s${k}, %t${k} : f32[${size}]`;
  }).join("\n")}
  ${ending}
  return y = %y
}`);

/** Under the guard of a pad nothing can be bound to a name. */
const padded = (depth: number) => chain(depth, "%zero = constant 0 : f32[]\n  %y = pad %last, %zero { low = [2], high = [1] } : f32[N+3]");

/** `depth` times x ← x·x/2, which nothing stores as each is used by one op, under the guard of a pad, added up in seven places. */
const scattered = (depth: number) => parseFunction(`fn @f(%x: f32[N]) {
  %half = constant 0.5 : f32[N]
${Array.from({ length: depth }, (_, k) => `  %s${k} = mul ${k === 0 ? "%x" : `%x${k}`}, ${k === 0 ? "%x" : `%x${k}`} : f32[N]\n  ${k === depth - 1 ? "%last" : `%x${k + 1}`} = mul %s${k}, %half : f32[N]`).join("\n")}
  %zero = constant 0 : f32[]
  %padded = pad %last, %zero { low = [2], high = [1] } : f32[N+3]
  %i = iota { axis = 0 } : i32[N+3]
  %seven = constant 7 : i32[N+3]
  %at = remainder %i, %seven : i32[N+3]
  %empty = constant 0 : f32[7]
  %y = scatter %empty, %padded, %at { reducer = sum, axes = [0] } : f32[7]
  return y = %y
}`);

const ends = [["in a map", padded], ["in a scatter", scattered]] as const;

test.each(ends)("%s, what is computed under a guard does not double with each use", (_, f) => {
  const written = [10, 20, 40].map((depth) => lower(f(depth), scalarLoops).kernels.map(printKernel).join("").length);
  expect(written[2]).toBeLessThan(5 * written[0]);
  expect(written[2]).toBeLessThan(3 * written[1]);
});

test.each(ends)("%s, it stays what it is", (_, f) => {
  const fn = f(12), env = randomInputs(fn, { N: 5 }, 1);
  const { y } = runProgram(lower(fn, scalarLoops), env.inputs, env.variables).outputs, want = interpret(fn, env).outputs.y.data;
  want.forEach((x, i) => { expect(y[i]).toBeCloseTo(x, 12); });
});

/** The same of what is gathered from between the holes of another pad: whether there is a hole is read from data, which is there only under the outer guard. */
const gathered = (depth: number) => parseFunction(`fn @f(%x: f32[6], %n: i32[N]) {
  %zero = constant 0 : f32[]
  %half = constant 0.5 : f32[N]
  %twelve = constant 12 : i32[N]
  %in = remainder %n, %twelve : i32[N]
  %holes = pad %x, %zero { low = [1], high = [0], interior = [1] } : f32[12]
  %x0 = gather %holes, %in { axes = [0] } : f32[N]
${Array.from({ length: depth }, (_, k) => `  %s${k} = mul %x${k}, %x${k} : f32[N]\n  ${k === depth - 1 ? "%last" : `%x${k + 1}`} = mul %s${k}, %half : f32[N]`).join("\n")}
  %padded = pad %last, %zero { low = [2], high = [1] } : f32[N+3]
  %i = iota { axis = 0 } : i32[N+3]
  %seven = constant 7 : i32[N+3]
  %to = remainder %i, %seven : i32[N+3]
  %empty = constant 0 : f32[7]
  %y = scatter %empty, %padded, %to { reducer = sum, axes = [0] } : f32[7]
  return y = %y
}`);

test("what a guard's test reads is not read where an outer guard keeps it from being read", () => {
  const fn = gathered(12), env = randomInputs(fn, { N: 5 }, 1);
  const { kernels } = lower(fn, scalarLoops), text = kernels.map(printKernel).join("");
  expect(text).not.toMatch(/let \w+ = \w+\[[^\]]*-2\]/);
  const { y } = runProgram(lower(fn, scalarLoops), env.inputs, env.variables).outputs, want = interpret(fn, env).outputs.y.data;
  want.forEach((x, i) => { expect(y[i]).toBeCloseTo(x, 12); });
});

// a GPU cuts long folds in pieces, the last of which reaches past the end
test("nor is it written more often in the pieces of a GPU's sum", () => {
  const divisions = [4, 8].map((depth) => {
    const fn = chain(depth, "%y = reduce %last { reducer = sum, axes = [0] } : f32[]", "100003");
    return printWgsl([compileFunction(fn, "webgpu").plan], modelOf(fn)).split(" / ").length - 1;
  });
  expect(divisions).toEqual([4, 8]);
});
