import { evaluate, type Binding } from "../dims.ts";
import type { ModelSpec } from "../manifest.ts";
import { sizeOf } from "../tensor.ts";
import { bindFunction, type Bound } from "./bound.ts";
import type { Given } from "./given.ts";
import type { Session } from "./session.ts";
import { bytesOf, wholeWords } from "./words.ts";

/** Bindings of functions that are kept, with their buffers: those that were used last. */
const most = 64;

/** A model's functions with their buffers, for each binding of their symbols and each set of buffers given. */
export class Bindings {
  private readonly spec: ModelSpec;
  private readonly session: Session;
  private readonly known = new Map<string, Bound>();

  constructor(spec: ModelSpec, session: Session) {
    this.spec = spec;
    this.session = session;
  }

  /** A function for a binding. New buffers may not fit the device: that is known a little later. */
  get(name: string, binding: Binding, given: readonly Given[]): Bound | Promise<Bound> {
    const { session } = this, key = JSON.stringify([name, binding, ...given.map((g) => (g.buffer ? session.idOf(g.buffer) : 0))]);
    const known = this.known.get(key);
    if (!known) return session.allocating(() => this.make(name, binding, given)).then((made) => this.keep(key, made));
    this.known.delete(key);
    this.known.set(key, known);
    return known;
  }

  /** Makes room for a function, and binds it. Others are void where that replaced slots of the arena. */
  private make(name: string, binding: Binding, given: readonly Given[]): { readonly isNew: boolean; readonly bound: Bound } {
    const { session } = this, { inputs } = this.spec.functions[name], fn = session.kernels.functions[name];
    const isNew = session.memory.reserve(fn.slots.map((sizes) => Math.max(0, ...sizes.map((bytes) => evaluate(bytes, binding)))));
    const bytes = Object.fromEntries(inputs.map((x) => [x.name, bytesOf(x.dtype, sizeOf(x.shape.map((d) => evaluate(d, binding))))]));
    const buffers = Object.fromEntries(inputs.flatMap((x, i) => (given[i].buffer ? [[x.name, given[i].buffer]] : [])));
    session.ring.reserve(inputs.reduce((sum, { name }, i) => sum + (given[i].buffer ? 0 : wholeWords(bytes[name])), 0));
    return { isNew, bound: bindFunction(fn, binding, bytes, buffers, session) };
  }

  private keep(key: string, { isNew, bound }: { readonly isNew: boolean; readonly bound: Bound }): Bound {
    if (isNew) for (const each of [...this.known.keys()]) this.drop(each);
    this.known.set(key, bound);
    if (this.known.size > most) this.drop(this.known.keys().next().value!);
    return bound;
  }

  private drop(key: string): void {
    for (const buffer of this.known.get(key)?.owned ?? []) this.session.memory.release(buffer);
    this.known.delete(key);
  }
}
