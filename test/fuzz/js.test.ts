import fc from "fast-check";
import { test } from "vitest";
import { instantiate } from "../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import { compile } from "../../compiler/pipeline.ts";
import { reachable, type GraphFunction, type Model, type Variable } from "../../ir/graph/index.ts";
import type { NdArray, Results } from "../../ir/interpret/index.ts";
import { arrayType, type DType, type TensorType } from "../../ir/types/index.ts";
import type { LoadedModel, Tensor, TensorInput } from "../../runtime/index.ts";
import { expectAgreement } from "./agreement.ts";
import { bindings, programs, randomInputs } from "./programs.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const timeout = 60_000 + 1_000 * numRuns;

/** A model of one function, with the variables it mentions. */
function modelOf(fn: GraphFunction): Model {
  const variables = new Map<string, Variable>();
  const declare = (name: string, type: TensorType): void => { variables.set(name, { name, type, role: "state", init: { kind: "constant", value: 0 }, at: undefined }); };
  for (const { variable, value } of fn.updates) declare(variable, value.type);
  for (const node of reachable([...fn.outputs, ...fn.updates].map((o) => o.value))) if (node.op === "variable") declare(node.attrs.name, node.attrs.type);
  return { name: "fuzz", variables: [...variables.values()], symbols: { B: { min: 1 }, T: { min: 1 } }, functions: [fn] };
}

const given = ({ dtype, shape, data }: NdArray): TensorInput => ({ dtype, shape, data: arrayType[dtype].from(data) });
const returned = ({ dtype, shape, data }: Tensor): NdArray => ({ dtype: dtype as DType, shape, data: Float64Array.from(data) });
const each = <A, B>(record: Readonly<Record<string, A>>, change: (a: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, a]) => [name, change(a, name)]));

function call(model: LoadedModel, fn: GraphFunction, env: { inputs: Record<string, NdArray>; variables: Record<string, NdArray> }): Results {
  for (const [name, value] of Object.entries(env.variables)) model.write(name, given(value));
  const outputs = model.sync[fn.name](each(env.inputs, given));
  return { outputs: each(outputs, returned), updates: Object.fromEntries(fn.updates.map((u) => [u.variable, returned(model.read(u.variable))])) };
}

// Two calls of different sizes: what the first leaves in memory must not show in the second.
for (const [name, options] of [["", {}], [" with gradients", { differentiable: true }]] as const)
  test(`random programs${name}: the compiled JavaScript agrees with the interpreter`, async () => {
    await fc.assert(fc.asyncProperty(programs(options), bindings, bindings, fc.nat(1000), async (fn, first, second, seed) => {
      const reference = expandDerivatives(fn);
      const model = await instantiate(compile(modelOf(fn)));
      for (const binding of [first, second]) {
        const env = randomInputs(fn, binding, seed) as { inputs: Record<string, NdArray>; variables: Record<string, NdArray> };
        expectAgreement(reference, env, call(model, fn, env));
      }
    }), { numRuns });
  }, timeout);
