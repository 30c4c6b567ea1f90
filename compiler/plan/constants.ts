import { sameType, type TypedArray } from "../../ir/types/index.ts";
import type { Buffer, BufferId, Program, Step } from "./program.ts";
import { allSteps, rebuildSteps, renameBuffers } from "./steps.ts";

/** Constants of the same type and content are one buffer. */
export function dedupeConstants(program: Program): Program {
  const byKey = new Map<string, Buffer[]>(), to = new Map<BufferId, BufferId>();
  for (const b of program.buffers) {
    if (b.storage.kind !== "constant") continue;
    const { data } = b.storage;
    const key = typeof data === "number" ? String(data) : `${data.length}:${data.slice(0, 8).join(",")}`;
    const alike = byKey.get(key) ?? [];
    const same = alike.find((other) => sameType(other.type, b.type) && other.storage.kind === "constant" && sameData(other.storage.data, data));
    if (same) to.set(b.id, same.id);
    else byKey.set(key, [...alike, b]);
  }
  return to.size === 0 ? program : withoutUnused(renameBuffers(program, (b) => to.get(b) ?? b));
}

function sameData(a: number | TypedArray, b: number | TypedArray): boolean {
  if (typeof a === "number" || typeof b === "number") return Object.is(a, b);
  return a.length === b.length && a.every((x: number, i: number) => Object.is(x, b[i]));
}

/** The program without kernels, arena buffers and constants that nothing uses; the others are numbered anew. */
export function withoutUnused(given: Program): Program {
  const program = withoutUnusedKernels(given);
  const used = new Set<BufferId>(program.outputs.map((o) => o.buffer));
  renameBuffers(program, (b) => { used.add(b); return b; });
  const kept = program.buffers.filter((b) => used.has(b.id) || b.storage.kind === "input" || b.storage.kind === "variable");
  const to = new Map(kept.map((b, i) => [b.id, i]));
  return { ...renameBuffers(program, (b) => to.get(b)!), buffers: kept.map((b, id) => ({ ...b, id })) };
}

function withoutUnusedKernels(program: Program): Program {
  const used = new Set(allSteps(program.steps).flatMap((s) => (s.kind === "kernel" ? [s.kernel] : [])));
  if (used.size === program.kernels.length) return program;
  const kept = program.kernels.flatMap((_, i) => (used.has(i) ? [i] : [])), to = new Map(kept.map((k, i) => [k, i]));
  const steps = rebuildSteps(program.steps, (s): Step[] => [s.kind === "kernel" ? { ...s, kernel: to.get(s.kernel)! } : s]);
  return { ...program, kernels: kept.map((i) => program.kernels[i]), steps };
}
