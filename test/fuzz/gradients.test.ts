import fc from "fast-check";
import { expect, test } from "vitest";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import type { AnyNode, GraphFunction } from "../../ir/graph/index.ts";
import { interpret, type Environment, type NdArray } from "../../ir/interpret/index.ts";
import { verify } from "../../ir/verify/index.ts";
import { Random } from "./generate/random.ts";
import { bindings, programs, randomInputs } from "./programs.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const timeout = 60_000 + 1_000 * numRuns;

/** What the gradient outputs `d0, d1, …` are to, where that is an input or a variable. */
function sources(fn: GraphFunction): { output: string; kind: "inputs" | "variables"; name: string }[] {
  const found: { output: string; kind: "inputs" | "variables"; name: string }[] = [];
  for (const { name: output, value } of fn.outputs.slice(1)) {
    const source = value.node.inputs[value.index + 1].node as AnyNode;
    if (source.op === "input" || source.op === "variable") found.push({ output, kind: source.op === "input" ? "inputs" : "variables", name: source.attrs.name });
  }
  return found;
}

type Arrays = Readonly<Record<string, NdArray>>;
const moved = (arrays: Arrays, along: Arrays, h: number): Arrays => Object.fromEntries(Object.entries(arrays).map(([name, a]) =>
  [name, along[name] ? { ...a, data: a.data.map((x, i) => x + h * along[name].data[i]) } : a]));

test("gradients of random programs are the slopes that finite differences see", () => {
  fc.assert(fc.property(programs({ differentiable: true, float: "f64" }), bindings, fc.nat(1000), (fn, binding, seed) => {
    const expanded = expandDerivatives(fn);
    verify(expanded);
    const env = randomInputs(fn, binding, seed), random = new Random(seed);
    const { outputs } = interpret(expanded, env);

    // a random direction in the space of everything the loss is differentiated by, an input that appears twice once
    const direction = { inputs: {} as Record<string, NdArray>, variables: {} as Record<string, NdArray> };
    let slope = 0;
    for (const { output, kind, name } of sources(fn)) {
      if (direction[kind][name]) continue;
      const step = outputs[output].data.map(() => 2 * random.unit() - 1);
      direction[kind][name] = { ...outputs[output], data: step };
      slope += step.reduce((sum, v, i) => sum + v * outputs[output].data[i], 0);
    }
    const loss: GraphFunction = { ...fn, outputs: fn.outputs.slice(0, 1) };
    const at = (h: number): number => {
      const there: Environment = { inputs: moved(env.inputs, direction.inputs, h), variables: moved(env.variables, direction.variables, h) };
      return interpret(loss, there).outputs.loss.data[0];
    };
    // a steep program bends on a small scale, a flat one drowns in rounding: one step size must do, and any will
    const central = (h: number): number => (at(h) - at(-h)) / (2 * h);
    const seen = [1e-3, 1e-4, 1e-5, 1e-6].map((h) => (4 * central(h) - central(2 * h)) / 3); // Richardson: of fourth order
    const error = Math.min(...seen.map((x) => Math.abs(x - slope)));
    expect(error, `slope ${slope}, finite differences see ${seen.join(", ")}`).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(slope)));
  }), { numRuns });
}, timeout);
