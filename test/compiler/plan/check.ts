import type { BufferId, PlannedProgram, Step } from "../../../compiler/plan/program.ts";
import { mayAlias } from "../../../compiler/plan/inplace.ts";
import { dims } from "../../../ir/types/index.ts";
import { bytesOf } from "../../../compiler/plan/slots.ts";

/**
 * Checks a plan by following what each slot holds, without knowing lifetimes: every buffer is read only while its slot
 * holds it. Loops are followed twice, so that what one trip leaves to the next is seen; after a branch, a slot holds
 * what it holds either way. Throws what is wrong.
 */
export function checkPlan(p: PlannedProgram): void {
  const slotOf = (b: BufferId): number | undefined => {
    const { storage } = p.buffers[b];
    if (storage.kind !== "arena") return undefined;
    if (storage.slot === null || !p.slots[storage.slot]) throw new Error(`${p.buffers[b].name} has no slot`);
    return storage.slot;
  };
  for (const b of p.buffers) {
    const slot = slotOf(b.id);
    if (slot === undefined) continue;
    const size = bytesOf(b.type);
    if (!p.slots[slot].bytes.some((bytes) => dims.atLeast(bytes, size) === true)) throw new Error(`slot ${slot} may be too small for ${b.name}`);
  }

  type Memory = Map<number, BufferId | "mixed">;
  const read = (memory: Memory, b: BufferId, by: string): void => {
    const slot = slotOf(b);
    if (slot === undefined) return;
    const held = memory.get(slot);
    if (held !== b) throw new Error(`${by} reads ${p.buffers[b].name}, but slot ${slot} holds ${held === undefined ? "nothing" : held === "mixed" ? "one thing or another" : p.buffers[held].name}`);
  };
  const write = (memory: Memory, b: BufferId): void => {
    const slot = slotOf(b);
    if (slot !== undefined) memory.set(slot, b);
  };

  const run = (steps: readonly Step[], memory: Memory): void => {
    for (const s of steps) {
      switch (s.kind) {
        case "kernel": {
          const kernel = p.kernels[s.kernel];
          const places = (isWrite: boolean): number[] => [...s.args.keys()].filter((i) => (kernel.args[i].access !== "read") === isWrite);
          for (const i of s.args.keys()) if (kernel.args[i].access !== "write") readInto(memory, s.args[i], kernel.args[i].access, kernel.name);
          for (const r of places(false)) for (const w of places(true)) {
            if (s.args[r] === s.args[w]) throw new Error(`${kernel.name} takes ${p.buffers[s.args[r]].name} twice`);
            const slot = slotOf(s.args[r]);
            if (slot !== undefined && slot === slotOf(s.args[w]) && !mayAlias(kernel, r, w)) throw new Error(`${kernel.name} may not write ${p.buffers[s.args[w]].name} over ${p.buffers[s.args[r]].name}`);
          }
          const written = places(true).map((i) => slotOf(s.args[i])).filter((x) => x !== undefined);
          if (new Set(written).size < written.length) throw new Error(`${kernel.name} writes two buffers to one slot`);
          for (const i of places(true)) write(memory, s.args[i]);
          break;
        }
        case "copy": read(memory, s.from, "a copy"); write(memory, s.to); break;
        case "cond": {
          read(memory, s.pred, "cond");
          const other: Memory = new Map(memory);
          run(s.then, memory);
          run(s.otherwise, other);
          for (const slot of new Set([...memory.keys(), ...other.keys()])) if (memory.get(slot) !== other.get(slot)) memory.set(slot, "mixed");
          break;
        }
        case "while":
          for (let trip = 0; trip < 2; trip++) {
            run(s.test, memory);
            read(memory, s.pred, "while");
            run(s.body, memory);
          }
          run(s.test, memory);
          break;
        case "for":
          for (let trip = 0; trip < 2; trip++) run(s.body, memory);
      }
    }
  };
  // a buffer that is filled row by row is both read and written by its first writer: nothing was there before
  const readInto = (memory: Memory, b: BufferId, access: string, by: string): void => {
    const slot = slotOf(b);
    if (access === "readwrite" && slot !== undefined && memory.get(slot) === undefined) return;
    read(memory, b, by);
  };
  const memory: Memory = new Map();
  run(p.steps, memory);
  for (const o of p.outputs) read(memory, o.buffer, `output ${o.name}`);
}
