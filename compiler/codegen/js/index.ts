import type { Model } from "../../../ir/graph/index.ts";
import type { Kernel, Origin } from "../../loops/ir.ts";
import type { PlannedProgram } from "../../plan/program.ts";
import { Constants } from "./constants.ts";
import { helperNames, Helpers } from "./helpers.ts";
import { kernelKey, originText, printKernel } from "./kernel.ts";
import { Names } from "./names.ts";
import { printProgram, usedBuffers } from "./program.ts";

/**
 * Prints the programs of a model as one ES module: the helpers and constants they need, a function for each kernel,
 * and `functions`, with an entry for each program. The module imports nothing and evaluates no text.
 */
export function printJs(programs: readonly PlannedProgram[], model: Model): string {
  const helpers = new Helpers();
  const names = new Names([...helperNames, "functions", "build"]);
  const kernels = collectKernels(programs, names);
  const kernelTexts = [...kernels.unique.values()].map((k) => {
    const { parameters, body } = printKernel(k.kernel, helpers);
    const comment = k.origins.length > 0 ? `// ${originText(k.origins)}\n` : "";
    return `${comment}function ${k.name}(${parameters}) {\n${body}\n}`;
  });
  const constants = new Constants(names, helpers);
  // constants are declared as programs mention them, and must not be hidden by a name inside one
  for (const p of programs) {
    const used = usedBuffers(p);
    for (const { id, storage, name, type } of p.buffers)
      if (used.has(id) && storage.kind === "constant" && typeof storage.data !== "number") constants.declare(name, type.dtype, storage.data);
  }
  const taken = names.all();
  const programTexts = programs.map((p) =>
    printProgram(p, { names: () => new Names(taken), constants, kernel: (i) => kernels.nameOf(p.kernels[i]) }, 1));
  return [
    `// The kernels of ${model.name} and the functions that call them.`,
    ...helpers.print(),
    ...(constants.print().length > 0 ? [constants.print().join("\n")] : []),
    ...kernelTexts,
    `export const functions = {\n${programTexts.join("\n")}\n};`,
  ].join("\n\n") + "\n";
}

interface UniqueKernel {
  readonly name: string;
  readonly kernel: Kernel;
  /** Of every kernel that this one stands for. */
  readonly origins: Origin[];
}

/** The kernels of all programs, those that do the same once. */
function collectKernels(programs: readonly PlannedProgram[], names: Names): { unique: ReadonlyMap<string, UniqueKernel>; nameOf(k: Kernel): string } {
  const unique = new Map<string, UniqueKernel>();
  const byKernel = new Map<Kernel, string>();
  for (const kernel of programs.flatMap((p) => p.kernels)) {
    if (byKernel.has(kernel)) continue;
    const key = kernelKey(kernel);
    const known = unique.get(key);
    if (known) known.origins.push(...kernel.origins);
    else unique.set(key, { name: names.fresh(kernel.name), kernel, origins: [...kernel.origins] });
    byKernel.set(kernel, unique.get(key)!.name);
  }
  return { unique, nameOf: (k) => byKernel.get(k)! };
}
