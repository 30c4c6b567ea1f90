import { typeText } from "../../ir/types/index.ts";
import { lifetimes, type Lifetimes, type Tick } from "./lifetimes.ts";
import type { Buffer, PlannedProgram } from "./program.ts";

/** Columns of the picture of a lifetime, at most. */
const maxWidth = 60;

/**
 * The arena as a table, for people: slots, the buffers in them, and when each lives. Time runs to the right, one
 * column a tick (or a few, in long programs); below it, what runs.
 */
export function printPlan(planned: PlannedProgram): string {
  const times = lifetimes(planned);
  const ticks = times.ticks.length, scale = Math.max(1, Math.ceil(ticks / maxWidth));
  const rows = planned.slots.flatMap((slot, i) => {
    const tenants = planned.buffers.filter((b) => b.storage.kind === "arena" && b.storage.slot === i)
      .sort((a, b) => times.of.get(a.id)!.first - times.of.get(b.id)!.first);
    return tenants.map((b, k) => [k === 0 ? `slot ${i}` : "", k === 0 ? bytesText(slot.bytes.map(String)) : "", b.name, typeText(b.type), picture(b, times, ticks, scale)]);
  });
  const table = aligned([["slot", "bytes", "buffer", "type", "lives"], ...rows]);
  let depth = 0;
  const steps = times.ticks.map((tick, i) => {
    if (tick === "end of loop") depth--;
    const line = `${String(i).padStart(4)}  ${"  ".repeat(depth)}${tickText(tick, planned)}`;
    if (tick === "loop") depth++;
    return line;
  });
  return [`${planned.name}: ${planned.slots.length} slots, ${rows.length} buffers, ${ticks} ticks`, ...table, ...steps, ""].join("\n");
}

const bytesText = (bytes: readonly string[]): string => (bytes.length === 1 ? bytes[0] : `max(${bytes.join(", ")})`);

function picture(b: Buffer, times: Lifetimes, ticks: number, scale: number): string {
  const { first, last } = times.of.get(b.id)!;
  return Array.from({ length: Math.ceil(ticks / scale) }, (_, column) => (column >= Math.floor(first / scale) && column <= Math.floor(last / scale) ? "#" : ".")).join("");
}

function tickText(tick: Tick, { kernels, buffers }: PlannedProgram): string {
  const name = (id: number): string => buffers[id].name;
  if (typeof tick === "string") return tick;
  if (tick.kind === "copy") return `copy ${name(tick.from)} to ${name(tick.to)}`;
  const { name: kernel, args } = kernels[tick.kernel];
  return `${kernel}(${tick.args.map((b, i) => `${args[i].scratch ? "scratch " : args[i].access === "read" ? "" : args[i].access === "write" ? "out " : "inout "}${name(b)}`).join(", ")})`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((r) => r[c].length)));
  return rows.map((r) => `  ${r.map((cell, c) => cell.padEnd(widths[c])).join("  ").trimEnd()}`);
}
