import { reachable, type GraphFunction, type Model, type Variable } from "../../ir/graph/index.ts";
import type { NdArray, Results } from "../../ir/interpret/index.ts";
import { storedArray, unstored, type TensorType } from "../../ir/types/index.ts";
import type { GpuModel, LoadedModel, Tensor, TensorInput } from "../../runtime/index.ts";

/** A model of one function, with the variables it mentions. */
export function modelOf(fn: GraphFunction): Model {
  const variables = new Map<string, Variable>();
  const declare = (name: string, type: TensorType): void => { variables.set(name, { name, type, role: "state", init: { kind: "constant", value: 0 }, at: undefined }); };
  for (const { variable, value } of fn.updates) declare(variable, value.type);
  for (const node of reachable([...fn.outputs, ...fn.updates].map((o) => o.value))) if (node.op === "variable") declare(node.attrs.name, node.attrs.type);
  return { name: "fuzz", variables: [...variables.values()], symbols: { B: { min: 1 }, T: { min: 1 } }, functions: [fn] };
}

const given = ({ dtype, shape, data }: NdArray): TensorInput => ({ dtype, shape, data: storedArray(dtype, data) } as TensorInput);
const returned = ({ dtype, shape, data }: Tensor): NdArray => ({ dtype, shape, data: Float64Array.from(data, (x) => unstored(dtype, x)) });
const each = <A, B>(record: Readonly<Record<string, A>>, change: (a: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, a]) => [name, change(a, name)]));

/** Calls the function of a model that was compiled, after setting its variables. */
export function call(model: LoadedModel, fn: GraphFunction, env: { inputs: Record<string, NdArray>; variables: Record<string, NdArray> }): Results {
  for (const [name, value] of Object.entries(env.variables)) model.write(name, given(value));
  const outputs = model.sync[fn.name](each(env.inputs, given));
  return { outputs: each(outputs, returned), updates: Object.fromEntries(fn.updates.map((u) => [u.variable, returned(model.read(u.variable))])) };
}

/** The same on a model that returns promises. */
export async function callLater(model: GpuModel, fn: GraphFunction, env: { inputs: Record<string, NdArray>; variables: Record<string, NdArray> }): Promise<Results> {
  for (const [name, value] of Object.entries(env.variables)) model.write(name, given(value));
  const outputs = await model.functions[fn.name](each(env.inputs, given));
  const updates: Record<string, NdArray> = {};
  for (const u of fn.updates) updates[u.variable] = returned(await model.read(u.variable));
  return { outputs: each(outputs, returned), updates };
}
