import type { Model } from "../../../ir/graph/index.ts";
import { byteSize, dims, sizeOf, stored, type Dim } from "../../../ir/types/index.ts";
import type { WasmFunction } from "../../../runtime/index.ts";
import type { PlannedProgram, Step } from "../../plan/program.ts";
import { listsIn } from "../../plan/steps.ts";
import { Helpers } from "../js/helpers.ts";
import { propertyKey } from "../js/names.ts";
import { variablesAtRisk } from "../../plan/risk.ts";
import { importFunctions } from "./imports.ts";
import { fixedAddress, type Table } from "./layout.ts";
import type { WatModule } from "./module.ts";

/** Prints the JavaScript beside a WebAssembly module: what is where in its memory and in its code, and the functions that it imports. */
export function printGlue(module: WatModule, model: Pick<Model, "name">, fused: readonly number[]): string {
  const { layout, imports, sorts, notes } = module;
  const helpers = new Helpers();
  const ops = importFunctions(imports, helpers);
  const sort = sorts ? [`export const sort = ${helpers.use("sortLines")};`] : [];
  return [
    `// What the WebAssembly of ${model.name} has where, and what it takes from outside.`,
    ...helpers.print(),
    `/** Ops that WebAssembly has no instructions for. */\nexport const ops = {${ops.map((line) => `\n  ${line}`).join("")}${ops.length > 0 ? "\n" : ""}};`,
    ...sort,
    `/** What an index that is out of range was for. */\nexport const notes = ${JSON.stringify(notes)};`,
    `/** Where its multiply-adds are. */\nexport const fused = ${JSON.stringify(fused)};`,
    `/** Addresses of the variables. */\nexport const variables = {${[...layout.variables].map(([name, at]) => `\n  ${propertyKey(name)}: ${at},`).join("")}${layout.variables.size > 0 ? "\n" : ""}};`,
    `/** The first address that a call may use. */\nexport const end = ${layout.end};`,
    `export const functions = {\n${layout.tables.map((t) => `  ${propertyKey(t.program.name)}: ${JSON.stringify(wasmFunction(t, module))},`).join("\n")}\n};`,
  ].join("\n\n") + "\n";
}

function wasmFunction(table: Table, module: WatModule): WasmFunction {
  const { program } = table, { layout } = module;
  const buffers = new Map(program.buffers.map((b) => [b.id, b]));
  return {
    table: table.address,
    symbols: program.symbols,
    fills: table.cells.flatMap((c) => (c.kind === "fill" ? [{ dtype: c.buffer.type.dtype, size: sizeOf(c.buffer.type), value: stored(c.buffer.type.dtype, c.value) }] : [])),
    slots: program.slots.map((s) => s.bytes),
    outputs: program.outputs.map((o) => {
      const b = buffers.get(o.buffer)!, cell = table.cellOf(b);
      return cell === undefined ? { at: fixedAddress(layout, b)! } : { cell };
    }),
    restore: variablesAtRisk(program),
    ...threading(program, module),
  };
}

/** What threads need to know of a program, if they share any of it. */
function threading(program: PlannedProgram, { sharingOf, grain }: WatModule): Pick<WasmFunction, "shares" | "scratch"> {
  let work: Dim = 0;
  const scratch: [number, Dim][] = [];
  const walk = (steps: readonly Step[], times: Dim, counters: Readonly<Record<string, Dim>>): void => {
    for (const s of steps) {
      const sharing = s.kind === "kernel" ? sharingOf(program.kernels[s.kernel]) : undefined;
      if (s.kind === "for") {
        // what a trip does may depend on the counter: at most what the last one does
        const length = dims.substitute(s.length, counters);
        walk(s.body, dims.mul(times, length), { ...counters, [s.counter]: length });
      } else for (const list of listsIn(s)) walk(list, times, counters);
      if (s.kind !== "kernel" || !sharing) continue;
      work = dims.add(work, dims.mul(times, dims.substitute(sharing.work, counters)));
      for (const i of sharing.own) {
        const { type, storage } = program.buffers.find((b) => b.id === s.args[i])!;
        if (storage.kind === "arena" && storage.slot !== null) scratch.push([storage.slot, dims.mul(sizeOf(type), byteSize[type.dtype])]);
      }
    }
  };
  walk(program.steps, 1, {});
  if (work === 0) return {};
  return { shares: dims.floorDiv(work, grain), ...(scratch.length > 0 && { scratch }) };
}
