import type { Model } from "../../../ir/graph/index.ts";
import { sizeOf } from "../../../ir/types/index.ts";
import type { WasmFunction } from "../../../runtime/index.ts";
import { Helpers } from "../js/helpers.ts";
import { propertyKey } from "../js/names.ts";
import { variablesAtRisk } from "../js/safety.ts";
import { importFunctions } from "./imports.ts";
import { fixedAddress, type Layout, type Table } from "./layout.ts";
import type { WatModule } from "./module.ts";

/** Prints the JavaScript beside a WebAssembly module: what is where in its memory, and the functions that it imports. */
export function printGlue({ layout, imports, sorts, notes }: WatModule, model: Pick<Model, "name">): string {
  const helpers = new Helpers();
  const ops = importFunctions(imports, helpers);
  const sort = sorts ? [`export const sort = ${helpers.use("sortLines")};`] : [];
  return [
    `// What the WebAssembly of ${model.name} has where, and what it takes from outside.`,
    ...helpers.print(),
    `/** Ops that WebAssembly has no instructions for. */\nexport const ops = {${ops.map((line) => `\n  ${line}`).join("")}${ops.length > 0 ? "\n" : ""}};`,
    ...sort,
    `/** What an index that is out of range was for. */\nexport const notes = ${JSON.stringify(notes)};`,
    `/** Addresses of the variables. */\nexport const variables = {${[...layout.variables].map(([name, at]) => `\n  ${propertyKey(name)}: ${at},`).join("")}${layout.variables.size > 0 ? "\n" : ""}};`,
    `/** The first address that a call may use. */\nexport const end = ${layout.end};`,
    `export const functions = {\n${layout.tables.map((t) => `  ${propertyKey(t.program.name)}: ${JSON.stringify(wasmFunction(t, layout))},`).join("\n")}\n};`,
  ].join("\n\n") + "\n";
}

function wasmFunction(table: Table, layout: Layout): WasmFunction {
  const { program } = table;
  const buffers = new Map(program.buffers.map((b) => [b.id, b]));
  return {
    table: table.address,
    symbols: program.symbols,
    fills: table.cells.flatMap((c) => (c.kind === "fill" ? [{ dtype: c.buffer.type.dtype, size: sizeOf(c.buffer.type), value: c.value }] : [])),
    slots: program.slots.map((s) => s.bytes),
    outputs: program.outputs.map((o) => {
      const b = buffers.get(o.buffer)!, cell = table.cellOf(b);
      return cell === undefined ? { at: fixedAddress(layout, b)! } : { cell };
    }),
    restore: variablesAtRisk(program),
  };
}
