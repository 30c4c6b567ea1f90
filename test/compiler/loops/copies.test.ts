import { expect, test } from "vitest";
import { parseFunction } from "../../../ir/text/index.ts";
import { interpret } from "../../../ir/interpret/index.ts";
import { lower } from "../../../compiler/fuse/index.ts";
import { printKernel } from "../../../compiler/loops/print.ts";
import { scalarLoops } from "../../../compiler/loops/tile.ts";
import { randomInputs } from "../../fuzz/programs.ts";
import { runProgram } from "../fuse/run.ts";

/** `depth` times x ← x·x/(1+x²), then padded: under the guard of a pad nothing can be bound to a name. */
const padded = (depth: number) => parseFunction(`fn @f(%x: f32[N]) {
  %one = constant 1 : f32[N]
${Array.from({ length: depth }, (_, k) => {
    const x = k === 0 ? "%x" : `%x${k}`;
    return `  %s${k} = mul ${x}, ${x} : f32[N]\n  %t${k} = add %s${k}, %one : f32[N]\n  %x${k + 1} = div %s${k}, %t${k} : f32[N]`;
  }).join("\n")}
  %zero = constant 0 : f32[]
  %y = pad %x${depth}, %zero { low = [2], high = [1] } : f32[N+3]
  return y = %y
}`);

test("what is computed under a guard does not double with each use", () => {
  const written = [10, 20, 40].map((depth) => lower(padded(depth), scalarLoops).kernels.map(printKernel).join("").length);
  expect(written[2]).toBeLessThan(5 * written[0]);
  expect(written[2]).toBeLessThan(3 * written[1]);
});

test("and stays what it is", () => {
  const fn = padded(12), env = randomInputs(fn, { N: 5 }, 1);
  const { y } = runProgram(lower(fn, scalarLoops), env.inputs, env.variables).outputs, want = interpret(fn, env).outputs.y.data;
  want.forEach((x, i) => { expect(y[i]).toBeCloseTo(x, 12); });
});
