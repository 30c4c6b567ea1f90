import type { GraphFunction, Value } from "../../ir/graph/index.ts";
import { dims } from "../../ir/types/index.ts";
import { bytesOf, kernelCost, planStats, type Binding } from "../plan/index.ts";
import type { Buffer, BufferId, PlannedProgram, Step } from "../plan/program.ts";
import { forEachUse } from "../plan/steps.ts";

/** What a buffer of the arena is used for, and when: by the number of the program's step, a whole loop being one. */
export interface Tenancy {
  readonly buffer: Buffer;
  readonly bytes: number;
  readonly writes: readonly number[];
  /** Steps that use it, in order; the program's end is one where it is an output. */
  readonly uses: readonly number[];
}

/** A planned program as values that come and go, under sizes for its symbols. */
export class Timeline {
  readonly arenaBytes: number;
  readonly tenancies: readonly Tenancy[];
  /** Bytes alive at each step. */
  readonly live: readonly number[];
  readonly #plan: PlannedProgram;
  readonly #binding: Binding;
  readonly #stored = new Map<Value, Tenancy>();
  readonly #writtenAt = new Map<Value, number>();

  constructor(fn: GraphFunction, plan: PlannedProgram, binding: Binding) {
    this.#plan = plan;
    this.#binding = binding;
    this.arenaBytes = planStats(plan, binding).arenaBytes;
    const writes = new Map<BufferId, Set<number>>(), uses = new Map<BufferId, Set<number>>();
    const note = (map: Map<BufferId, Set<number>>, b: BufferId, at: number): void => void map.set(b, (map.get(b) ?? new Set()).add(at));
    for (const [at, step] of plan.steps.entries())
      forEachUse([step], plan.kernels, (b, use) => {
        note(uses, b, at);
        if (use !== "read") note(writes, b, at);
      });
    for (const { buffer } of plan.outputs) note(uses, buffer, plan.steps.length);

    this.tenancies = plan.buffers.flatMap((buffer): Tenancy[] => (buffer.storage.kind !== "arena" || !uses.has(buffer.id) ? [] : [{
      buffer, bytes: dims.evaluate(bytesOf(buffer.type), binding), writes: [...(writes.get(buffer.id) ?? [])], uses: [...uses.get(buffer.id)!],
    }]));
    const live = new Array<number>(plan.steps.length).fill(0);
    for (const { bytes, uses: at } of this.tenancies) for (let t = at[0]; t <= Math.min(at.at(-1)!, live.length - 1); t++) live[t] += bytes;
    this.live = live;

    const updated = new Map(fn.updates.map((u) => [u.variable, u.value]));
    for (const tenancy of this.tenancies) if (tenancy.buffer.value) this.#stored.set(tenancy.buffer.value, tenancy);
    for (const { id, value, storage } of plan.buffers) {
      const held = storage.kind === "variable" ? updated.get(storage.name) : value, at = writes.get(id);
      if (held && at) this.#writtenAt.set(held, Math.max(...at));
    }
  }

  /** The step that leaves a value in memory; undefined for one that is computed where it is used. */
  writtenAt(v: Value): number | undefined { return this.#writtenAt.get(v); }
  /** Where a value is in the arena. */
  tenancyOf(v: Value): Tenancy | undefined { return this.#stored.get(v); }

  /** A value that has been computed by the time that a step begins, as late as there is one. */
  latestBefore(step: number): { readonly value: Value; readonly at: number } | undefined {
    let latest: { value: Value; at: number } | undefined;
    for (const [value, at] of this.#writtenAt) if (at < step && (latest === undefined || at > latest.at)) latest = { value, at };
    return latest;
  }

  /** What running a step costs: operations and bytes alike. */
  costOf(step: number): number {
    const s: Step = this.#plan.steps[step];
    if (s.kind !== "kernel") return Infinity;
    const { flops, bytesMoved } = kernelCost(this.#plan.kernels[s.kernel], this.#binding);
    return flops + bytesMoved;
  }

  /** Bytes above a level, summed over the steps. */
  excess(level: number): number { return this.live.reduce((sum, bytes) => sum + Math.max(0, bytes - level), 0); }
}
