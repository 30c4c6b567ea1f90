import { reachable, usersOf, type AnyNode, type Value } from "../../ir/graph/index.ts";
import { dims, sameShape, type Dim } from "../../ir/types/index.ts";
import type { FusingRules, LoopBuilder } from "../loops/builder.ts";
import { foldsAlike } from "./alike.ts";
import { chainsOf } from "./chains.ts";
import { epilogues } from "./epilogue.ts";
import { buffersTouched, describe, hasFold, hasProduct, hasRunning, isChain, isScalarGroup, lastId, mayShare, productBeside, type Group } from "./group.ts";
import { draftKernel, type Draft, type Scope } from "./kernel.ts";
import { inOrder } from "./order.ts";
import { costOf, isAnchor, isControl, isOpaque, isPooling, isProduct, isRunning, throughMovement, type ProductNode } from "./kinds.ts";
import { pooledAxes, windowTrips } from "./window.ts";

/** Computing something this costly (additions) twice is worse than storing it and loading it again. */
const costToStore = 8;
/** What one kernel may compute more than once to keep several passes over a row together. */
const repeatLimit = 64;

export interface Grouping {
  /** In an order in which they can run. */
  readonly groups: readonly Group[];
  /** Values of each group that must be stored, in order. */
  readonly stores: ReadonlyMap<Group, readonly Value[]>;
  /** Why two groups that could have been one are not: for `inspect`. */
  readonly notes: readonly string[];
}

export interface GroupInput {
  /** Values that must be in memory at the end: results. */
  readonly required: readonly Value[];
  /** Values that are in memory from the start. */
  readonly inMemory: (v: Value) => boolean;
  readonly offsetOf: (v: Value) => Dim;
  readonly counterOf: (v: Value) => Dim | undefined;
  readonly loops: LoopBuilder;
  readonly rules: FusingRules;
  /** Groups that read a variable should run before the one that replaces it: pairs (variable's value, new value). */
  readonly replaced: readonly (readonly [Value, Value])[];
  /** Values that have to be computed before a node is, besides its operands. */
  readonly after: ReadonlyMap<AnyNode, readonly Value[]>;
}

/** Decides what is computed in which kernel. */
export function groupValues(input: GroupInput): Grouping {
  return new Grouper(input).run();
}

class Grouper {
  private readonly input: GroupInput;
  private readonly nodes: readonly AnyNode[];
  private readonly users: ReadonlyMap<Value, readonly AnyNode[]>;
  private readonly groups = new Set<Group>();
  private readonly groupOf = new Map<Value, Group>();
  private readonly required: ReadonlySet<Value>;
  /** By the two groups, as they were named when it was last tried. */
  private readonly notes = new Map<string, string>();
  /** Producers and consumers of each group, by the values that pass through memory between them. */
  private readonly producers = new Map<Group, Set<Group>>();
  private readonly consumers = new Map<Group, Set<Group>>();

  constructor(input: GroupInput) {
    this.input = input;
    this.nodes = reachable(input.required);
    this.users = usersOf(this.nodes);
    this.required = new Set(input.required);
  }

  run(): Grouping {
    this.startGroups();
    this.connect();
    // first: another fold in its kernel would keep a product out
    for (const [fold, v] of this.instead) {
      const [from, to] = [this.groupOf.get(fold)!, this.groupOf.get(v)!];
      // what a checkpoint has to wait for may lie between them
      if (!this.reachesAround(from, to)) this.tryMerge(from, to);
    }
    this.mergeProducers();
    if (this.input.rules.hasChains) this.mergeChains();
    if (this.input.rules.operands) this.mergeOperands(this.input.rules.operands);
    this.mergeCopies();
    this.mergeSiblings();
    this.mergeAlike();
    const stores = new Map([...this.groups].map((g) => [g, this.storesOf(g)]));
    for (const g of this.groups) {
      if (g.opaque) continue;
      const draft = this.draft(g.values, this.input.loops);
      if (typeof draft === "string") throw new Error(`internal: ${g.values.map((v) => v.node.op).join(", ")} cannot be a kernel: ${draft}`);
      g.draft = draft;
    }
    return { groups: this.order(stores), stores, notes: [...this.notes.values()] };
  }

  // ---- where values are stored to begin with

  private startGroups(): void {
    const stored = new Set<Value>();
    const store = (v: Value): void => { if (!this.inMemory(v)) stored.add(v); };
    this.input.required.forEach(store);
    const inline = new Map<Value, number>();
    for (const n of this.nodes) {
      if (isOpaque(n)) n.outputs.forEach(store);
      if (isAnchor(n) || isRunning(n)) store(n.outputs[0]);
      if (isControl(n) || n.op === "sort") n.inputs.forEach(store);
      if (isProduct(n)) this.storeOperands(n, store);
      if (isPooling(n) && readsRepeatedly(n)) store(throughMovement(n.inputs[0]));
      this.narrow(n, stored);
      this.weigh(n, inline, stored);
    }
    this.instead = epilogues(this.nodes, this.users, (v) => this.inMemory(v) || stored.has(v));
    for (const [, v] of this.instead) stored.add(v);
    for (const v of [...stored].sort((a, b) => a.node.id - b.node.id || a.index - b.index)) {
      const n = v.node as AnyNode;
      if (this.groupOf.has(v)) continue;
      const g: Group = { id: this.groups.size, values: isOpaque(n) ? [...n.outputs] : [v], opaque: isOpaque(n) ? n : undefined, draft: undefined };
      this.groups.add(g);
      for (const x of g.values) this.groupOf.set(x, g);
    }
  }

  /** Folds, and what their kernels store instead of them. */
  private instead: ReturnType<typeof epilogues> = [];

  private inMemory(v: Value): boolean { return this.input.inMemory(v); }

  /** A product reads each operand element many times, so operands are in memory, behind index maps at most. */
  private storeOperands(n: ProductNode, store: (v: Value) => void): void {
    const keep = (v: Value): void => {
      store(v);
      this.operands.set(n.outputs[0], [...(this.operands.get(n.outputs[0]) ?? []), v]);
    };
    if (n.op === "conv") {
      for (const v of n.inputs) keep(throughMovement(v));
      return;
    }
    for (const side of [0, 1] as const) {
      const v = throughMovement(n.inputs[side]);
      const kept = n.attrs.batch.length + n.attrs.contract.length;
      const other = n.inputs[1 - side];
      const readsOnce = dims.product(other.type.shape.filter((_, i) => ![...n.attrs.batch, ...n.attrs.contract].some((p) => p[1 - side] === i))) === 1;
      if (!readsOnce || kept === 0) keep(v);
    }
  }

  /** What is loaded where a value is computed in place. */
  private readonly leaves = new Map<Value, ReadonlySet<Value>>();

  /** Where a kernel may touch few buffers, stores operands until what is left to load for one value is little enough. */
  private narrow(n: AnyNode, stored: Set<Value>): void {
    // of what a kernel may touch, one is for its result and one for a fold in two stages
    const most = this.input.rules.mostArguments - 2;
    if (most === Infinity) return;
    const isLeaf = (v: Value): boolean => this.inMemory(v) || stored.has(v) || isAnchor(v.node as AnyNode) || isOpaque(v.node as AnyNode);
    const leavesOf = (v: Value): Iterable<Value> => (isLeaf(v) ? [v] : (this.leaves.get(v) ?? []));
    const union = (): Set<Value> => new Set(n.inputs.flatMap((v) => [...leavesOf(v)]));
    let all = union();
    while (all.size > most) {
      const widest = n.inputs.filter((v) => !isLeaf(v)).sort((a, b) => [...leavesOf(b)].length - [...leavesOf(a)].length)[0];
      if (!widest || [...leavesOf(widest)].length < 2) break;
      stored.add(widest);
      all = union();
    }
    for (const v of n.outputs) this.leaves.set(v, all);
  }

  /** Stores elementwise values that several others would recompute at too high a cost. */
  private weigh(n: AnyNode, inline: Map<Value, number>, stored: Set<Value>): void {
    for (const v of n.outputs) {
      if (this.inMemory(v) || stored.has(v) || isAnchor(n) || isOpaque(n)) { inline.set(v, 0); continue; }
      const cost = n.inputs.reduce((sum, x) => sum + (inline.get(x) ?? 0), costOf(n));
      const users = this.users.get(v)?.length ?? 0;
      if (users > 1 && cost > costToStore && dims.product(v.type.shape) !== 1) {
        stored.add(v);
        inline.set(v, 0);
      } else inline.set(v, cost);
    }
  }

  // ---- the graph of groups

  /** Stored values of other groups that a group's values are computed from. */
  private readsOf(g: Group): Set<Value> {
    const found = new Set<Value>(), seen = new Set<Value>();
    const walk = (v: Value): void => {
      if (seen.has(v)) return;
      seen.add(v);
      const other = this.groupOf.get(v);
      if (other && other !== g) { found.add(v); return; }
      if (this.inMemory(v)) return;
      v.node.inputs.forEach(walk);
      this.input.after.get(v.node as AnyNode)?.forEach(walk);
    };
    g.values.forEach(walk);
    return found;
  }

  /** Groups whose stored values a group's values are computed from. */
  private sourcesOf(g: Group): Set<Group> { return new Set([...this.readsOf(g)].map((v) => this.groupOf.get(v)!)); }

  private connect(): void {
    for (const g of this.groups) this.consumers.set(g, new Set());
    for (const g of this.groups) {
      const from = this.sourcesOf(g);
      this.producers.set(g, from);
      for (const p of from) this.consumers.get(p)!.add(g);
    }
  }

  /** Whether `from` reaches `to` through a third group. What stands behind `to` in an order of all groups cannot lead there. */
  private reachesAround(from: Group, to: Group): boolean {
    const position = this.positions();
    const end = position.get(to)!;
    const seen = new Set<Group>();
    const stack = [...this.consumers.get(from)!].filter((g) => g !== to);
    while (stack.length > 0) {
      const g = stack.pop()!;
      if (g === to) return true;
      if (seen.has(g) || position.get(g)! > end) continue;
      seen.add(g);
      stack.push(...this.consumers.get(g)!);
    }
    return false;
  }

  /** Places of the groups in an order in which producers come before consumers; made anew after a merge. */
  private positions(): ReadonlyMap<Group, number> {
    if (this.placed) return this.placed;
    const placed = new Map<Group, number>();
    const waiting = new Map([...this.groups].map((g) => [g, this.producers.get(g)!.size]));
    const ready = [...this.groups].filter((g) => waiting.get(g) === 0);
    while (ready.length > 0) {
      const g = ready.pop()!;
      placed.set(g, placed.size);
      for (const c of this.consumers.get(g)!) {
        waiting.set(c, waiting.get(c)! - 1);
        if (waiting.get(c) === 0) ready.push(c);
      }
    }
    if (placed.size !== this.groups.size) throw new Error("internal: kernels wait for each other");
    return (this.placed = placed);
  }
  private placed: ReadonlyMap<Group, number> | undefined;

  private merge(a: Group, b: Group, draft: Draft): void {
    this.placed = undefined;
    b.values = [...a.values, ...b.values];
    b.draft = draft;
    for (const v of a.values) this.groupOf.set(v, b);
    for (const p of this.producers.get(a)!) { this.consumers.get(p)!.delete(a); if (p !== b) { this.consumers.get(p)!.add(b); this.producers.get(b)!.add(p); } }
    for (const c of this.consumers.get(a)!) { this.producers.get(c)!.delete(a); if (c !== b) { this.producers.get(c)!.add(b); this.consumers.get(b)!.add(c); } }
    this.producers.get(b)!.delete(a);
    this.consumers.get(b)!.delete(a);
    this.groups.delete(a);
    this.producers.delete(a);
    this.consumers.delete(a);
  }

  // ---- kernels

  /** Values of a would-be group that something outside it needs. */
  private storesOf(g: { values: readonly Value[] }): Value[] {
    const inside = new Set(g.values);
    return g.values.filter((v) => this.required.has(v) || this.neededOutside(v, inside));
  }

  private neededOutside(v: Value, inside: ReadonlySet<Value>): boolean {
    // a user that is computed inline counts for every group that computes it
    const seen = new Set<Value>(), stack = [v];
    while (stack.length > 0) {
      const x = stack.pop()!;
      for (const user of this.users.get(x) ?? []) {
        for (const out of user.outputs) {
          if (seen.has(out)) continue;
          seen.add(out);
          if (inside.has(out)) continue;
          if (this.groupOf.has(out)) return true;
          stack.push(out);
        }
      }
    }
    return false;
  }

  private scopeFor(inside: ReadonlySet<Value>, loops: LoopBuilder): Scope {
    return {
      isLoaded: (v) => !inside.has(v) && (this.inMemory(v) || this.groupOf.has(v)),
      offsetOf: this.input.offsetOf,
      counterOf: this.input.counterOf,
      loops,
    };
  }

  /** A kernel for these values: an attempt, unless the builder is given. */
  private draft(values: readonly Value[], loops: LoopBuilder = isChain(values) ? this.input.loops : this.input.rules.attempts): Draft | string {
    return draftKernel(this.storesOf({ values }), this.scopeFor(new Set(values), loops));
  }

  private tryMerge(a: Group, b: Group): boolean {
    this.tried.add(this.pairKey(a, b));
    if (a.opaque || b.opaque || hasRunning(a) || hasRunning(b)) return false;
    return this.fuse(a, b, productBeside(a, b) ? "a product shares its kernel with no other fold"
      : this.feedsProduct(a, b) || this.feedsProduct(b, a) ? "a product reads its operands from memory"
      : this.draft([...a.values, ...b.values]));
  }

  /** Merges groups, if there is a kernel for both that does not compute or touch too much. */
  private fuse(a: Group, b: Group, draft: Draft | string): boolean {
    const problem = typeof draft === "string" ? draft
      : draft.repeated > repeatLimit ? `it would compute too much twice (${draft.repeated})`
      : buffersTouched(draft) > this.input.rules.maxArguments ? "it would touch too many buffers" : undefined;
    if (problem !== undefined) {
      this.notes.set(`${a.id}:${b.id}`, `${describe(a)} and ${describe(b)} stay apart: ${problem}`);
      return false;
    }
    this.merge(a, b, draft as Draft);
    return true;
  }

  /** Whether a group computes an operand of a product in another. */
  private feedsProduct(from: Group, to: Group): boolean {
    return to.values.some((v) => this.operands.get(v)?.some((x) => from.values.includes(x)));
  }
  /** Operands that products read from memory. */
  private readonly operands = new Map<Value, readonly Value[]>();

  /** Puts producers into the kernels that consume them, nearest first. */
  private mergeProducers(): void {
    for (let changed = true; changed;) {
      changed = false;
      for (const c of [...this.groups].sort((x, y) => lastId(x) - lastId(y))) {
        if (!this.groups.has(c)) continue;
        for (const p of [...this.producers.get(c)!].sort((x, y) => lastId(y) - lastId(x))) {
          if (!this.groups.has(p) || this.wasTried(p, c) || this.reachesAround(p, c)) continue;
          if (this.tryMerge(p, c)) changed = true;
        }
      }
    }
  }

  private readonly tried = new Set<string>();
  private pairKey(a: Group, b: Group): string { return `${a.id}:${a.values.length} ${b.id}:${b.values.length}`; }
  private wasTried(a: Group, b: Group): boolean { return this.tried.has(this.pairKey(a, b)); }

  private areIndependent(a: Group, b: Group): boolean {
    return !this.producers.get(a)!.has(b) && !this.producers.get(b)!.has(a) && !this.reachesAround(a, b) && !this.reachesAround(b, a);
  }

  /**
   * Puts what is only copied into a kernel that has the same loops anyway, whatever that reads. Copies come first there:
   * so the kernel may write over what they read.
   */
  private mergeCopies(): void {
    const isCopy = (g: Group): boolean => !g.opaque && g.values.every((v) => this.inMemory(throughMovement(v)));
    for (const copy of [...this.groups].filter(isCopy)) {
      const [{ type: { shape } }] = copy.values;
      const hasItsLoops = (g: Group): boolean => g !== copy && !g.opaque && !hasFold(g) && g.values.every((v) => sameShape(v.type.shape, shape));
      // the first that it can be merged into
      [...this.groups].some((g) => hasItsLoops(g) && this.areIndependent(copy, g) && this.tryMerge(copy, g));
    }
  }

  /** Puts products that follow each other row by row into one kernel: what is between them is then never in memory as a whole. */
  private mergeChains(): void {
    const multiplies = (g: Group, x: Value): boolean => g.values.some((v) => this.operands.get(v)?.includes(x));
    for (const chain of chainsOf({ groups: this.groups, consumers: this.consumers, groupOf: (v) => this.groupOf.get(v), readsOf: (g) => this.readsOf(g), multiplies })) {
      const draft = chain.some(hasRunning) ? "a running fold is a kernel of its own" : this.draft(chain.flatMap((g) => g.values)), into = chain.at(-1)!;
      const problem = typeof draft === "string" ? draft : buffersTouched(draft) > this.input.rules.maxArguments ? "it would touch too many buffers" : undefined;
      if (problem !== undefined) this.notes.set(`chain ${into.id}`, `${chain.map(describe).join(", ")} stay apart: ${problem}`);
      else for (const g of chain.slice(0, -1)) this.merge(g, into, draft as Draft);
    }
    this.mergeProducers();
  }

  /** Puts what products alone read into their kernels, where `operands` says that they can compute it. */
  private mergeOperands(operands: LoopBuilder): void {
    for (const c of [...this.groups].filter((g) => hasProduct(g) && !isChain(g.values)))
      for (const p of [...this.producers.get(c)!]) {
        const isAlone = this.consumers.get(p)!.size === 1 && !p.values.some((v) => this.required.has(v));
        if (!isAlone || p.opaque || hasRunning(p) || hasFold(p) || !this.feedsProduct(p, c)) continue;
        this.fuse(p, c, this.draft([...p.values, ...c.values], operands));
      }
  }

  /** Puts kernels that read the same tensor, over the same loops, into one. */
  private mergeSiblings(): void {
    const readers = new Map<Value, Set<Group>>();
    for (const g of this.groups) {
      if (g.opaque) continue;
      if (!g.draft) { const d = this.draft(g.values); if (typeof d !== "string") g.draft = d; }
      for (const v of g.draft?.loads ?? []) {
        if (!readers.has(v)) readers.set(v, new Set());
        readers.get(v)!.add(g);
      }
    }
    for (const [value, set] of readers) {
      const isScalar = dims.product(value.type.shape) === 1;
      const list = [...set].sort((x, y) => lastId(x) - lastId(y));
      for (let i = 0; i < list.length; i++)
        for (let j = i + 1; j < list.length; j++) {
          const [a, b] = [list[i], list[j]];
          if (!this.groups.has(a) || !this.groups.has(b) || hasProduct(a) || hasProduct(b)) continue;
          // sharing a scalar is no reason by itself, unless one side is a scalar computation
          if (isScalar && !isScalarGroup(a) && !isScalarGroup(b)) continue;
          if (a.draft && b.draft && !mayShare(a.draft, b.draft, this.input.rules.maxArguments)) continue;
          if (!this.wasTried(a, b) && this.areIndependent(a, b)) this.tryMerge(a, b);
        }
    }
  }

  /** Puts sums of columns into one kernel where that keeps nothing in memory for longer. */
  private mergeAlike(): void {
    for (const [a, b] of foldsAlike({ groups: this.groups, producers: this.producers, readsOf: (g) => this.readsOf(g) }))
      if (this.groups.has(a) && this.groups.has(b) && !this.wasTried(a, b) && this.areIndependent(a, b)) this.tryMerge(a, b);
  }

  // ---- order

  private order(stores: ReadonlyMap<Group, readonly Value[]>): Group[] {
    // a group that replaces a variable waits for those that read it, where that makes no cycle
    const before = new Map([...this.groups].map((g) => [g, new Set(this.producers.get(g)!)]));
    for (const [old, next] of this.input.replaced) {
      const writer = this.groupOf.get(next);
      if (!writer) continue;
      for (const g of this.groups) {
        if (g === writer || !this.readBy(g).has(old) || this.reaches(writer, g, before)) continue;
        before.get(writer)!.add(g);
      }
    }
    const done = new Set<Group>(), out: Group[] = [];
    const visit = (g: Group): void => {
      if (done.has(g)) return;
      done.add(g);
      for (const p of [...before.get(g)!].sort((a, b) => lastId(a) - lastId(b))) visit(p);
      out.push(g);
    };
    for (const g of [...this.groups].sort((a, b) => lastId(a) - lastId(b))) visit(g);
    const replacing = new Set(this.input.replaced.map(([, next]) => next));
    return inOrder(out.map((g) => ({
      of: g, before: before.get(g)!, reads: [...this.readBy(g)].filter((v) => this.groupOf.has(v)), stores: stores.get(g)!.filter((v) => !replacing.has(v)),
    })), this.required);
  }

  private readBy(g: Group): ReadonlySet<Value> {
    return g.draft ? new Set(g.draft.loads) : reachableInputs(g.opaque!, this.groupOf);
  }

  private reaches(from: Group, to: Group, before: ReadonlyMap<Group, ReadonlySet<Group>>): boolean {
    const seen = new Set<Group>(), stack = [to];
    while (stack.length > 0) {
      const g = stack.pop()!;
      if (g === from) return true;
      if (seen.has(g)) continue;
      seen.add(g);
      stack.push(...before.get(g)!);
    }
    return false;
  }
}

/** Values in memory that an opaque op's own computation reads. */
function reachableInputs(n: AnyNode, groupOf: ReadonlyMap<Value, Group>): Set<Value> {
  const seen = new Set<Value>(), stack = [...n.inputs];
  while (stack.length > 0) {
    const v = stack.pop()!;
    if (seen.has(v)) continue;
    seen.add(v);
    if (!groupOf.has(v)) stack.push(...v.node.inputs);
  }
  return seen;
}

/** Whether windows overlap, so that an operand element is read for several of them. */
const readsRepeatedly = (n: AnyNode): boolean =>
  isPooling(n) && pooledAxes(n).some((a) => { const trips = windowTrips(a); return typeof trips !== "number" || trips > a.stride; });
