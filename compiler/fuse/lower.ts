import { emitOne, reachable, withLocation, type AnyNode, type GraphFunction, type Region, type Value } from "../../ir/graph/index.ts";
import { dims, sameType, type Dim, type TensorType } from "../../ir/types/index.ts";
import { plainLoops, rulesOfFunctions, type FusingRules, type LoopBuilder } from "../loops/builder.ts";
import type { KernelKind, Origin } from "../loops/ir.ts";
import { sortScratch } from "../loops/grid/sort.ts";
import { scalarLoops } from "../loops/tile.ts";
import type { BufferId, Program, Step } from "../plan/program.ts";
import { Buffers, type Place } from "./buffers.ts";
import type { Group } from "./group.ts";
import { groupValues } from "./groups.ts";
import type { Scope } from "./kernel.ts";
import { Kernels } from "./kernels.ts";
import { isAnchor, isControl, isProduct, isRunning } from "./kinds.ts";
import { draftCopy, draftScatter, sortSpec } from "./special.ts";
import { untie, type Untied } from "./untie.ts";

/**
 * Turns a function of primitive ops into kernel calls: groups the ops, places the values, writes the steps. Values
 * that are to be computed `first` are in memory before anything else is done.
 */
export function lower(fn: GraphFunction, loops: LoopBuilder = scalarLoops, rules: FusingRules = rulesOfFunctions, first: readonly Value[] = []): Program {
  return new Lowering(untie(fn, first), loops, rules).run();
}

/** What the values of one body (the function, or a region) mean: where they are, or which counter they count. */
interface Env {
  readonly places: Map<Value, Place>;
  readonly counters: Map<Value, Dim>;
}

class Lowering {
  private readonly fn: GraphFunction;
  private readonly first: readonly Value[];
  private readonly after: Untied["after"];
  private readonly buffers: Buffers;
  private readonly kernels: Kernels;
  private readonly variables = new Map<string, Place>();
  private readonly constants = new Map<unknown, Place>();
  private readonly notes: string[] = [];
  private readonly loops: LoopBuilder;
  private readonly rules: FusingRules;
  private counters = 0;

  constructor({ fn, others, after, original }: Untied, loops: LoopBuilder, rules: FusingRules) {
    this.fn = fn;
    this.first = others;
    this.after = after;
    this.buffers = new Buffers(original);
    this.kernels = new Kernels(fn.name, this.buffers);
    this.loops = loops;
    this.rules = rules;
  }

  run(): Program {
    const { fn } = this;
    const env: Env = { places: new Map(), counters: new Map() };
    const inputs = fn.inputs.map((v) => {
      const { name } = (v.node as Extract<AnyNode, { op: "input" }>).attrs;
      const place = this.buffers.add(name, v.type, { kind: "input", name });
      env.places.set(v, place);
      return { name, buffer: place.buffer };
    });
    const before = this.first.length > 0 ? this.body(this.first, env) : [];
    const results = [...fn.outputs.map((o) => o.value), ...fn.updates.map((u) => u.value)];
    const next = new Map(fn.updates.map((u) => [u.variable, u.value]));
    const replaced = reachable(results).flatMap((n) => (n.op === "variable" && next.has(n.attrs.name) ? [[n.outputs[0], next.get(n.attrs.name)!] as const] : []));
    const steps = [...before, ...this.body(results, env, replaced)];
    const changing = new Set(fn.updates.map((u) => u.variable));
    const outputs = fn.outputs.map((o) => ({ name: o.name, buffer: this.output(env, o.value, changing, steps) }));
    steps.push(...this.writeUpdates(env));
    const symbols = [...new Set(fn.inputs.flatMap((v) => v.type.shape.flatMap((d) => dims.symbolsOf(d))))];
    return { name: fn.name, inputs, outputs, buffers: this.buffers.list, kernels: this.kernels.list, steps, symbols, notes: this.notes };
  }

  /** The buffer of an output. The old value of a variable that changes is set aside before it does. */
  private output(env: Env, v: Value, changing: ReadonlySet<string>, steps: Step[]): BufferId {
    const { buffer } = this.place(env, v);
    const n = v.node as AnyNode;
    if (n.op !== "variable" || !changing.has(n.attrs.name)) return buffer;
    const aside = this.buffers.add(`old_${n.attrs.name}`, v.type, { kind: "arena", slot: null });
    steps.push({ kind: "copy", from: buffer, to: aside.buffer });
    return aside.buffer;
  }

  /** Copies new values into variables, after everything has read the old ones. */
  private writeUpdates(env: Env): Step[] {
    const steps: Step[] = [];
    const written = new Set(this.fn.updates.map((u) => this.variable(u.variable, u.value.type).buffer));
    const moves = this.fn.updates.map((u) => ({ from: this.place(env, u.value), to: this.variable(u.variable, u.value.type), type: u.value.type }));
    // a new value that is itself a variable about to change is set aside first
    for (const m of moves) {
      if (!written.has(m.from.buffer) || m.from.buffer === m.to.buffer) continue;
      const aside = this.buffers.add("aside", m.type, { kind: "arena", slot: null });
      steps.push({ kind: "copy", from: m.from.buffer, to: aside.buffer });
      m.from = aside;
    }
    for (const m of moves) if (m.from.buffer !== m.to.buffer) steps.push({ kind: "copy", from: m.from.buffer, to: m.to.buffer });
    return steps;
  }

  // ---- places

  private variable(name: string, type: Value["type"]): Place {
    let place = this.variables.get(name);
    if (!place) this.variables.set(name, (place = this.buffers.add(name, type, { kind: "variable", name })));
    return place;
  }

  /** Where a value is, for one that is in memory. */
  private find(env: Env, v: Value): Place | undefined {
    const known = env.places.get(v);
    if (known) return known;
    const n = v.node as AnyNode;
    let place: Place | undefined;
    if (n.op === "variable") place = this.variable(n.attrs.name, v.type);
    else if (n.op === "constant" && typeof n.attrs.data !== "number") {
      place = this.constants.get(n.attrs.data) ?? this.buffers.add("constant", v.type, { kind: "constant", data: n.attrs.data });
      this.constants.set(n.attrs.data, place);
    }
    if (place) env.places.set(v, place);
    return place;
  }

  private place(env: Env, v: Value): Place {
    const place = this.find(env, v);
    if (!place) throw new Error(`internal: ${v.node.op} is not in memory`);
    return place;
  }

  // ---- bodies

  /**
   * Steps that compute the given values. Values with a place in `env` already go there; the others get buffers
   * of their own.
   */
  private body(results: readonly Value[], env: Env, replaced: readonly (readonly [Value, Value])[] = []): Step[] {
    const inMemory = (v: Value): boolean => this.find(env, v) !== undefined && !this.targets.has(v);
    const required = results.filter((v) => !inMemory(v));
    const offsetOf = (v: Value): Dim => this.find(env, v)?.offset ?? 0;
    const counterOf = (v: Value): Dim | undefined => env.counters.get(v);
    const { groups, stores, notes } = groupValues({ required, inMemory, offsetOf, counterOf, replaced, after: this.after, loops: this.loops, rules: this.rules });
    this.notes.push(...notes);
    const steps: Step[] = [];
    const computed = new Set<Value>(groups.flatMap((g) => g.values));
    for (const g of groups) {
      for (const v of g.opaque ? g.values : stores.get(g)!) if (!env.places.has(v)) env.places.set(v, this.buffers.arena(v));
      const inside = new Set(g.values);
      const scope: Scope = { isLoaded: (v) => !inside.has(v) && (inMemory(v) || computed.has(v)), offsetOf, counterOf, loops: this.loops };
      steps.push(...(g.opaque ? this.opaque(g.opaque, env, scope) : this.ordinary(g, env)));
    }
    return steps;
  }

  /** Values a body is to leave at given places although nothing has computed them yet. */
  private readonly targets = new Set<Value>();

  private ordinary(g: Group, env: Env): Step[] {
    const draft = g.draft!;
    const origins = originsOf(g.values, draft.loads);
    const kind: KernelKind = g.values.some((v) => isProduct(v.node as AnyNode)) ? "contract" : g.values.some((v) => isAnchor(v.node as AnyNode) || isRunning(v.node as AnyNode)) ? "reduce" : "map";
    return this.kernels.call(draft, { kind, reads: draft.loads.map((v) => this.place(env, v).buffer), writes: draft.roots.map((v) => this.place(env, v).buffer), origins });
  }

  // ---- ops that are steps

  private opaque(n: AnyNode, env: Env, scope: Scope): Step[] {
    const origins: Origin[] = [{ op: n.op, at: n.at }];
    switch (n.op) {
      case "sort": {
        const [values, positions] = n.outputs.map((v) => this.place(env, v).buffer);
        const sort = sortSpec(n), scratch = this.rules.isStaged ? sortScratch(sort, n.inputs[0].type.dtype) : [];
        return this.kernels.call({ body: [], scratch }, { kind: "sort", reads: [this.contiguous(env, n.inputs[0])], writes: [values, positions], origins, sort });
      }
      case "scatter": {
        const { loads, ...work } = draftScatter(n, scope, this.rules.isStaged);
        return this.kernels.call(work, { kind: "scatter", reads: loads.map((v) => this.place(env, v).buffer), writes: [this.place(env, n.outputs[0]).buffer], origins });
      }
      case "cond": return this.cond(n, env);
      case "while": return this.whileLoop(n, env);
      case "scan": return this.scan(n, env);
      default: throw new Error(`internal: ${n.op} is no step`);
    }
  }

  private contiguous(env: Env, v: Value): BufferId {
    const p = this.place(env, v);
    if (p.offset !== 0) throw new Error("internal: a row where a whole buffer is needed");
    return p.buffer;
  }

  /** Lowers a region whose parameters are at `params`, leaving its results at `targets` (those that have one). */
  private region(region: Region, params: readonly (Place | Dim)[], targets: readonly (Place | undefined)[]): Step[] {
    const env: Env = { places: new Map(), counters: new Map() };
    region.params.forEach((p, i) => {
      const at = params[i];
      if (typeof at === "object") env.places.set(p, at);
      else env.counters.set(p, at);
    });
    // the first target of a value that is computed here is where its kernel stores it
    const aimed = new Map<Value, Place>();
    const aim = (v: Value, to: Place): Value => {
      aimed.set(v, to);
      env.places.set(v, to);
      this.targets.add(v);
      return v;
    };
    const copies: { readonly from: Place; readonly to: Place; readonly type: TensorType }[] = [];
    const results = region.results.flatMap((v, i): Value[] => {
      const to = targets[i];
      if (to === undefined) return [];
      if (!aimed.has(v) && !env.counters.has(v) && this.find(env, v) === undefined) return [aim(v, to)];
      const from = this.find(env, v);
      if (from && from.buffer === to.buffer && from.offset === to.offset) return [];
      // what is needed elsewhere too is stored there by the kernel that has it at hand; whole buffers are for the plan to join
      if (!from || !this.isWhole(from, v.type) || !this.isWhole(to, v.type)) return [aim(sameAs(v), to)];
      copies.push({ from, to, type: v.type });
      return [];
    });
    const steps = this.body(results, env);
    for (const v of aimed.keys()) this.targets.delete(v);
    for (const { from, to, type } of copies) steps.push(...this.copy(from, to, type));
    return steps;
  }

  private copy(from: Place, to: Place, type: Value["type"]): Step[] {
    if (this.isWhole(from, type) && this.isWhole(to, type)) return [{ kind: "copy", from: from.buffer, to: to.buffer }];
    return this.kernels.call(draftCopy(type, from.offset, to.offset, this.rules.isStaged ? this.loops : plainLoops), { kind: "map", reads: [from.buffer], writes: [to.buffer], origins: [{ op: "copy", at: undefined }] });
  }

  private isWhole(p: Place, type: TensorType): boolean { return p.offset === 0 && sameType(this.buffers.typeOf(p), type); }

  private cond(n: Extract<AnyNode, { op: "cond" }>, env: Env): Step[] {
    const [pred, ...operands] = n.inputs;
    const params = operands.map((v) => this.operand(env, v));
    const targets = n.outputs.map((v) => this.place(env, v));
    const [then, otherwise] = n.regions.map((r) => this.region(r, params, targets));
    return [{ kind: "cond", pred: this.contiguous(env, pred), then, otherwise }];
  }

  /** An operand of control flow: where it is, or what it counts. */
  private operand(env: Env, v: Value): Place | Dim { return env.counters.get(v) ?? this.place(env, v); }

  private whileLoop(n: Extract<AnyNode, { op: "while" }>, env: Env): Step[] {
    const { carries } = n.attrs;
    const carried = n.outputs.map((v) => this.place(env, v));
    const captures = n.inputs.slice(carries).map((v) => this.operand(env, v));
    const start = n.outputs.flatMap((v, i) => this.copy(this.place(env, n.inputs[i]), carried[i], v.type));
    const [test, body] = n.regions;
    const pred = this.buffers.add("test", { dtype: "bool", shape: [] }, { kind: "arena", slot: null });
    const testSteps = this.region(test, [...carried, ...captures], [pred]);
    return [...start, { kind: "while", test: testSteps, pred: pred.buffer, body: this.step(body, [...carried, ...captures], carried, []) }];
  }

  /** One trip of a loop: computes the new carries beside the old ones, then moves them over. */
  private step(body: Region, params: readonly (Place | Dim)[], carried: readonly Place[], stacked: readonly Place[]): Step[] {
    // a carry that stays as it is needs neither
    const next = carried.map((p, i) => (params[body.params.indexOf(body.results[i])] === p ? undefined : this.buffers.arena(body.results[i])));
    const steps = this.region(body, params, [...next, ...stacked]);
    next.forEach((from, i) => { if (from) steps.push(...this.copy(from, carried[i], body.results[i].type)); });
    return steps;
  }

  private scan(n: Extract<AnyNode, { op: "scan" }>, env: Env): Step[] {
    const { carries, xs, length, reverse } = n.attrs;
    const carried = n.outputs.slice(0, carries).map((v) => this.place(env, v));
    const start = carried.flatMap((p, i) => this.copy(this.place(env, n.inputs[i]), p, n.outputs[i].type));
    const counter = `step${this.counters++}`;
    const rowOf = (p: Place, size: Dim): Place => ({ buffer: p.buffer, offset: dims.add(p.offset, dims.mul(counter, size)) });
    const [body] = n.regions;
    const rows = n.inputs.slice(carries, carries + xs).map((v, i) => rowOf(this.place(env, v), dims.product(body.params[1 + carries + i].type.shape)));
    const captures = n.inputs.slice(carries + xs).map((v) => this.operand(env, v));
    const stacked = n.outputs.slice(carries).map((v, i) => rowOf(this.place(env, v), dims.product(body.results[carries + i].type.shape)));
    return [...start, { kind: "for", counter, length, reverse, body: this.step(body, [counter, ...carried, ...rows, ...captures], carried, stacked) }];
  }
}

/** The same value once more, to be stored at a place of its own. */
const sameAs = (v: Value): Value => withLocation(v.node.at, () => emitOne("reshape", [v], { shape: v.type.shape }));

/** The ops computed in a kernel, in program order, without those that cost nothing. */
function originsOf(values: readonly Value[], loads: readonly Value[]): Origin[] {
  const loaded = new Set(loads), seen = new Set<AnyNode>();
  const walk = (v: Value): void => {
    const n = v.node as AnyNode;
    if (loaded.has(v) || seen.has(n)) return;
    seen.add(n);
    if (!isControl(n)) n.inputs.forEach(walk);
  };
  values.forEach(walk);
  return [...seen].sort((a, b) => a.id - b.id)
    .filter((n) => !["constant", "iota", "dimension", "reshape", "broadcast", "variable", "input", "parameter"].includes(n.op))
    .map((n) => ({ op: n.op, at: n.at }));
}
