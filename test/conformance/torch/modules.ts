import { defineModel, nn, type Tensor } from "chainrule";
import { expectClose } from "../compare.ts";
import { readTensor, type Json, type TensorCase } from "../format.ts";
import { inputOf } from "../inputs.ts";
import { Unsupported } from "../outcome.ts";
import { scopeOf } from "../scope.ts";
import type { Target } from "../targets.ts";
import { Arguments, isTensor, resolve, type Environment, type PyValue } from "./arguments.ts";
import { call as callFunction } from "./table.ts";
import { attentionModules } from "./modules/attention.ts";
import { functionOfModule, keywordsOf } from "./modules/functional.ts";
import { recurrentModules } from "./modules/recurrent.ts";
import { simpleModules } from "./modules/simple.ts";
import type { ModuleTable } from "./modules/row.ts";

/** PyTorch's modules as layers. What has no row, chainrule has not. */
const table: ModuleTable = { ...recurrentModules, ...attentionModules, ...simpleModules };

/** Whether a name is a module's, which is called after it is made: `torch.nn.Linear`. */
export const isModule = (op: string): boolean => /^torch\.nn\.[A-Z]/.test(op);

/** Makes a case's module on its parameters, which are inputs of the case, and calls it. */
export function callModule(c: TensorCase, env: Environment): readonly Tensor[] {
  if (Object.hasOwn(functionOfModule, c.op)) return callFunction(functionOfModule[c.op], c.args, { ...keywordsOf(c.op, c.kwargs), ...c.call_kwargs }, env);
  if (!Object.hasOwn(table, c.op)) throw new Unsupported(c.op);
  const row = table[c.op], resolveAll = (o: Readonly<Record<string, Json>> = {}): Record<string, PyValue> => Object.fromEntries(Object.entries(o).map(([k, v]) => [k, resolve(v, env)]));
  const construct = new Arguments(c.op, "", [], resolveAll(c.kwargs));
  const call = new Arguments(c.op, row.signature, c.args.map((a) => resolve(a, env)), resolveAll(c.call_kwargs));
  const used = new Set<string>();
  const scope = scopeOf((name) => {
    const x = env.get(name);
    used.add(name);
    return isTensor(x) ? x : undefined;
  });
  const results = row.call(construct, (layer) => layer(scope), call);
  const unread = [...construct.unread(), ...call.unread()], unused = (c.params ?? []).filter((name) => !used.has(name));
  if (unread.length > 0) throw new Unsupported(`${c.op} with ${unread.join(", ")}`);
  if (unused.length > 0) throw new Error(`the layer has no parameter ${unused.join(", ")}`);
  return results;
}

/** Modules that keep running statistics. */
const withStatistics: Readonly<Record<string, typeof nn.instanceNorm1d>> = {
  BatchNorm1d: nn.batchNorm1d, BatchNorm2d: nn.batchNorm2d, BatchNorm3d: nn.batchNorm3d, InstanceNorm1d: nn.instanceNorm1d, InstanceNorm2d: nn.instanceNorm2d, InstanceNorm3d: nn.instanceNorm3d,
};

/**
 * A module that is called several times, whose state is what the case is about: training calls on each argument,
 * then the running statistics, then a call on the first argument outside training.
 */
export async function runSequence(c: TensorCase, target: Target): Promise<void> {
  const name = c.op.slice("torch.nn.".length);
  if (!Object.hasOwn(withStatistics, name)) throw new Unsupported(`${c.op} in a sequence of calls`);
  const { num_features, eps = 1e-5, momentum = 0.1, affine = name.startsWith("Batch"), track_running_stats: _, ...rest } = c.kwargs;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new Unsupported(`${c.op} with ${unknown.join(", ")}`);
  const batches = c.args.map((arg) => readTensor(c.inputs[(arg as { readonly ref: string }).ref]));
  const inputs = { x: inputOf(batches[0].dtype, ["B", ...batches[0].shape.slice(1)]) };
  const model = defineModel("sequence", (m) => {
    const layer = m.use("m", withStatistics[name](num_features as number, { eps: eps as number, momentum: momentum as number, affine: affine as boolean, trackRunningStats: true }));
    const call = ({ x }: { readonly x: Tensor }) => ({ y: layer(x) });
    m.fn("train", inputs, call, { train: true });
    m.fn("evaluate", inputs, call);
  });
  const executable = await target.load(model);
  for (const x of batches) await executable.call("train", { x });
  const { y } = await executable.call("evaluate", { x: batches[0] });
  for (const [i, [what, got]] of Object.entries({ running_mean: executable.variable("m.running_mean"), running_var: executable.variable("m.running_var"), output: y }).entries())
    expectClose(what, got, readTensor(c.outputs[i]), c.tol);
}
