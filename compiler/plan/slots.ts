import { byteSize, dims, sameType, sizeOf, type Dim, type TensorType } from "../../ir/types/index.ts";
import { mayAlias } from "./inplace.ts";
import { lifetimes, type Lifetime, type Lifetimes } from "./lifetimes.ts";
import type { Buffer, BufferId, PlannedProgram, Program } from "./program.ts";

/** What each symbol counts for where sizes must be compared that symbols leave open. Affects how well slots fit, never whether. */
const typicalSize = 64;

interface Tenant extends Lifetime {
  readonly buffer: Buffer;
  /** Bytes, with a typical number for each symbol. */
  readonly bytes: number;
}

/**
 * Gives every arena buffer a slot: largest first, each to the slot that fits it best among those that are free
 * during its whole lifetime (greedy by size; Pisarchyk & Lee, 2020). A buffer may move in as another moves out in the
 * same step, where the kernel may write over what it reads.
 */
export function assignSlots(program: Program): PlannedProgram {
  const times = lifetimes(program);
  const symbols = new Set(program.buffers.flatMap((b) => b.type.shape.flatMap(dims.symbolsOf)));
  const binding = Object.fromEntries([...symbols].map((s) => [s, typicalSize]));
  const tenants = program.buffers.flatMap((buffer): Tenant[] => {
    const lifetime = times.of.get(buffer.id);
    return lifetime ? [{ ...lifetime, buffer, bytes: dims.evaluate(bytesOf(buffer.type), binding) }] : [];
  });
  tenants.sort((a, b) => b.bytes - a.bytes || a.first - b.first || a.buffer.id - b.buffer.id);

  const slots: Tenant[][] = [], slotOf = new Map<BufferId, number>();
  for (const tenant of tenants) {
    const free = [...slots.keys()].filter((i) => slots[i].every((other) => canShare(tenant, other, program, times)));
    const slot = choose(free, slots, tenant) ?? slots.push([]) - 1;
    slots[slot].push(tenant);
    slotOf.set(tenant.buffer.id, slot);
  }
  return {
    ...program,
    buffers: program.buffers.map((b) => (slotOf.has(b.id) ? { ...b, storage: { kind: "arena", slot: slotOf.get(b.id)! } } : b)),
    slots: slots.map((list) => ({ bytes: largest(list.map((t) => bytesOf(t.buffer.type))) })),
  };
}

export const bytesOf = (type: TensorType): Dim => dims.mul(sizeOf(type), byteSize[type.dtype]);

/** The slot of a buffer that moves out as this one moves in, if there is one; else the smallest. */
function choose(free: readonly number[], slots: readonly (readonly Tenant[])[], tenant: Tenant): number | undefined {
  const handedOver = free.find((i) => slots[i].some((other) => other.last === tenant.first || other.first === tenant.last));
  return handedOver ?? free.reduce<number | undefined>((best, i) => (best === undefined || slots[i][0].bytes <= slots[best][0].bytes ? i : best), undefined);
}

function canShare(a: Tenant, b: Tenant, program: Program, times: Lifetimes): boolean {
  const [before, after] = a.first <= b.first ? [a, b] : [b, a];
  if (before.last < after.first) return true;
  return before.last === after.first && before.first < after.first && isOverwritten(before.buffer, after.buffer, before.last, program, times);
}

/** Whether the step of a tick is a kernel that may write `after` over `before`, element by element. */
function isOverwritten(before: Buffer, after: Buffer, tick: number, program: Program, times: Lifetimes): boolean {
  const step = times.ticks[tick];
  if (typeof step !== "object" || step.kind !== "kernel" || !sameType(before.type, after.type)) return false;
  const places = (b: Buffer): number[] => step.args.flatMap((x, i) => (x === b.id ? [i] : []));
  return places(before).every((read) => places(after).every((write) => mayAlias(program.kernels[step.kernel], read, write)));
}

/** Sizes without those that another is never smaller than. */
function largest(sizes: readonly Dim[]): Dim[] {
  const left: Dim[] = [];
  for (const size of new Set(sizes)) {
    if (left.some((other) => dims.atLeast(other, size) === true)) continue;
    left.splice(0, left.length, ...left.filter((other) => dims.atLeast(size, other) !== true), size);
  }
  return left;
}
