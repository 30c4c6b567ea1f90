import { expect, test } from "vitest";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../../../compiler/autodiff/index.ts";
import { lower } from "../../../../compiler/fuse/index.ts";
import { planMemory } from "../../../../compiler/plan/index.ts";
import type { GraphFunction, Value } from "../../../../ir/graph/index.ts";
import type { NdArray } from "../../../../ir/interpret/index.ts";
import { isFloat } from "../../../../ir/types/index.ts";
import { control } from "../../autodiff/cases/control.ts";
import { indexing, ordered } from "../../autodiff/cases/data.ts";
import { movement, reductions } from "../../autodiff/cases/shape.ts";
import { constant, fn, input, op, run, sumAll, vjp, type Arrays, type Case } from "../../autodiff/support.ts";

/**
 * Every op that is no scalar op, with its derivative: the JavaScript that is printed for it against the interpreter.
 * The graphs are lowered as they come, with nothing simplified away.
 */
async function runJs(f: GraphFunction, args: Arrays): Promise<NdArray[]> {
  const model = { name: "m", variables: [], symbols: {}, functions: [f] };
  const loaded = await instantiate({ model, programs: [planMemory(lower(f))], target: "js" });
  const inputs = Object.fromEntries(args.map((a, i) => [`x${i}`, { dtype: "f64" as const, shape: a.shape, data: a.data }]));
  const outputs = await loaded.functions.f(inputs);
  return f.outputs.map(({ name }) => ({ dtype: outputs[name].dtype, shape: outputs[name].shape, data: Float64Array.from(outputs[name].data) }));
}

/** The case's function, and the cotangents of its inputs for cotangents that differ from element to element. */
function graphOf({ args, build }: Case): GraphFunction {
  const xs = args.map((a, i) => input(`x${i}`, a.dtype, a.shape));
  const ys = build(...xs);
  const floats = ys.filter((y) => isFloat(y.type.dtype));
  const varied = (y: Value): Value => op("add", [op("sin", [y]), constant("f64", y.type.shape as number[], 0.3)]);
  const derivatives = floats.length > 0 ? vjp(floats, floats.map(varied), xs) : [];
  return expandDerivatives(fn(xs, [...ys, ...derivatives, ...floats.map(sumAll)]));
}

for (const [name, cases] of Object.entries({ ...control, ...indexing, ...ordered, ...movement, ...reductions }))
  for (const [what, each] of Object.entries(cases as Record<string, Case>))
    test(`${name}: ${what}`, async () => {
      const f = graphOf(each);
      // a conversion to f32 rounds here, as memory would; the interpreter stays in double precision
      const digits = name === "convert" ? 6 : 10;
      const want = run(f, each.args), got = await runJs(f, each.args);
      for (const [i, w] of want.entries()) {
        expect([got[i].dtype, got[i].shape]).toEqual([w.dtype, w.shape]);
        for (const [k, x] of w.data.entries()) expect(got[i].data[k], `output ${i}, element ${k}`).toBeCloseTo(x, digits);
      }
    });
