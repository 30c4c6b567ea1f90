import type { Sharing } from "../../loops/share.ts";
import type { Buffer, BufferId, PlannedProgram, Step, Storage } from "../../plan/program.ts";
import { forEachUse, listsIn } from "../../plan/steps.ts";
import { canFail } from "../../plan/risk.ts";

/** What steps do to memory, by place: a slot of the arena, a variable, an input. */
export interface Effects {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

/** Who runs the steps of a program, and what they touch. */
export class StepsByThread {
  private readonly program: PlannedProgram;
  private readonly sharingOf: (kernel: number) => Sharing | undefined;
  private readonly buffers: ReadonlyMap<BufferId, Buffer>;

  constructor(program: PlannedProgram, sharingOf: (kernel: number) => Sharing | undefined) {
    this.program = program;
    this.sharingOf = sharingOf;
    this.buffers = new Map(program.buffers.map((b) => [b.id, b]));
  }

  /** Whether there is nothing in a step that threads share: the first runs it alone. */
  isAlone(s: Step): boolean {
    switch (s.kind) {
      case "kernel": return this.sharingOf(s.kernel) === undefined;
      case "copy": return true;
      case "cond": return [...s.then, ...s.otherwise].every((x) => this.isAlone(x));
      case "while": return [...s.test, ...s.body].every((x) => this.isAlone(x));
      case "for": return s.body.every((x) => this.isAlone(x));
    }
  }

  /** A list cut where those who run it change. */
  runs(list: readonly Step[]): { readonly alone: boolean; readonly steps: readonly Step[] }[] {
    const runs: { alone: boolean; steps: Step[] }[] = [];
    for (const s of list) {
      const alone = this.isAlone(s), last = runs.at(-1);
      if (alone && last?.alone) last.steps.push(s);
      else runs.push({ alone, steps: [s] });
    }
    return runs;
  }

  effects(steps: readonly Step[]): Effects {
    const reads = new Set<string>(), writes = new Set<string>();
    forEachUse(steps, this.program.kernels, (b, use) => {
      const place = this.place(b);
      if (place === undefined) return;
      if (use !== "write") reads.add(place);
      if (use !== "read") writes.add(place);
    });
    // a call that fails changes nothing: what has not yet thrown counts as looking at every variable
    if (steps.some((s) => this.canFail(s))) for (const { storage } of this.program.buffers) if (storage.kind === "variable") reads.add(placeOf(storage)!);
    return { reads, writes };
  }

  private canFail(s: Step): boolean {
    return s.kind === "kernel" ? canFail(this.program.kernels[s.kernel]) : listsIn(s).some((list) => list.some((x) => this.canFail(x)));
  }

  /** What every thread reads to know the way. */
  reading(b: BufferId): Effects {
    const place = this.place(b);
    return { reads: new Set(place === undefined ? [] : [place]), writes: new Set() };
  }

  private place(b: BufferId): string | undefined { return placeOf(this.buffers.get(b)!.storage); }
}

/** A name for memory; undefined for what is never written. */
function placeOf(storage: Storage): string | undefined {
  switch (storage.kind) {
    case "arena": return `slot ${storage.slot}`;
    case "variable": case "input": return `${storage.kind} ${storage.name}`;
    case "constant": return undefined;
  }
}

/** What has happened since all threads last waited for each other: what one thread did alone, and what all did. */
export class Pending {
  private readonly alone = { reads: new Set<string>(), writes: new Set<string>() };
  private readonly all = { reads: new Set<string>(), writes: new Set<string>() };

  isEmpty(): boolean { return [this.alone, this.all].every((e) => e.reads.size + e.writes.size === 0); }

  /** Whether steps with these effects must wait for others. The first thread need not wait for what it did itself. */
  conflicts(e: Effects, alone: boolean): boolean {
    const meet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => [...a].some((x) => b.has(x));
    return (alone ? [this.all] : [this.all, this.alone]).some((p) => meet(p.writes, e.reads) || meet(p.writes, e.writes) || meet(p.reads, e.writes));
  }

  add(e: Effects, alone: boolean): void {
    const into = alone ? this.alone : this.all;
    for (const r of e.reads) into.reads.add(r);
    for (const w of e.writes) into.writes.add(w);
  }

  clear(): void { for (const e of [this.alone, this.all]) { e.reads.clear(); e.writes.clear(); } }

  copy(): Pending {
    const c = new Pending();
    c.merge(this);
    return c;
  }

  merge(other: Pending): void {
    this.add(other.alone, true);
    this.add(other.all, false);
  }
}
