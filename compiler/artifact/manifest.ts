import { check, GraphError } from "../../ir/graph/index.ts";
import type { Dim } from "../../ir/types/index.ts";
import type { FunctionSpec, Manifest, ModelSpec, ValueSpec } from "../../runtime/index.ts";
import type { BufferId, PlannedProgram } from "../plan/program.ts";
import { devicesOf, type CompiledModel } from "./compiled.ts";

/** Version of the artifact format that this compiler writes. */
export const formatVersion = 1;

/**
 * Names that a model's functions cannot have, as a loaded model has them already; and `then`, which would make it
 * look like a promise.
 */
export const reservedNames: readonly string[] = [
  "name", "device", "threads", "variables", "arena", "functions", "sync", "queue", "buffer", "adapter", "gpu", "counts", "profile", "recover", "destroy", "read", "write", "save", "restore", "overlay", "reset", "constructor", "then",
];

/** What the runtime has to know of a model. Throws a GraphError on names that cannot be used. */
export function modelSpec(compiled: CompiledModel, build: string, weights: ModelSpec["weights"]): ModelSpec {
  const { model, programs } = compiled;
  check(/^[A-Za-z_][\w.-]*$/.test(model.name), () => `a model cannot be called "${model.name}": its name is that of its files`, "use letters, digits, _ and -");
  for (const { name, outputs } of model.functions)
    if (reservedNames.includes(name) || name.startsWith("$"))
      throw new GraphError(`a function of ${model.name} cannot be called "${name}": a loaded model has something else of that name`, "rename it", outputs[0]?.value.node.at);
  const used = new Set(programs.flatMap((p) => p.symbols));
  return {
    format: "chainrule",
    version: formatVersion,
    name: model.name,
    devices: devicesOf(compiled),
    build,
    symbols: Object.fromEntries([...used].sort().map((s) => [s, model.symbols[s] ?? { min: 1 }])),
    variables: model.variables.map(({ name, role, type }) => ({ name, role, dtype: type.dtype, shape: type.shape.map((d) => concrete(d, name)) })),
    functions: Object.fromEntries(programs.map((p) => [p.name, functionSpec(p)])),
    weights,
  };
}

function concrete(d: Dim, variable: string): number {
  check(typeof d === "number", () => `variable ${variable} has a symbolic dimension, ${d}`, "variables live between calls, so their sizes are numbers");
  return d;
}

function functionSpec(p: PlannedProgram): FunctionSpec {
  const typed = ({ name, buffer }: { name: string; buffer: BufferId }): ValueSpec => {
    const { type } = p.buffers.find((b) => b.id === buffer)!;
    return { name, dtype: type.dtype, shape: type.shape };
  };
  return { inputs: p.inputs.map(typed), outputs: p.outputs.map(typed) };
}

/** `manifest.json`. */
export function manifestOf(spec: ModelSpec, programs: readonly PlannedProgram[], generator: string, files: Manifest["files"]): Manifest {
  const functions = Object.fromEntries(programs.map((p) => [p.name, { ...spec.functions[p.name], arena: p.slots.map((s) => s.bytes) }]));
  return { ...spec, generator, functions, files };
}
