import { locationText, type AnyNode, type Value } from "../../ir/graph/index.ts";
import type { Dim, TensorType } from "../../ir/types/index.ts";
import type { Buffer, BufferId, Storage } from "../plan/program.ts";

/** Where a value is: a buffer, and its first element there (a row of a scanned tensor starts further in). */
export interface Place {
  readonly buffer: BufferId;
  readonly offset: Dim;
}

/** The buffers of a program under construction, with readable unique names. */
export class Buffers {
  readonly list: Buffer[] = [];
  private readonly names = new Set<string>();
  private readonly original: (v: Value) => Value;

  /** `original` tells the value of the function as it was given that one of the function as it is lowered is. */
  constructor(original: (v: Value) => Value) { this.original = original; }

  add(name: string, type: TensorType, storage: Storage, value?: Value): Place {
    const id = this.list.length;
    this.list.push({ id, name: this.unique(name), type, storage, ...(value && { value }) });
    return { buffer: id, offset: 0 };
  }

  arena(v: Value): Place { return this.add(nameOf(v), v.type, { kind: "arena", slot: null }, this.original(v)); }

  typeOf(p: Place): TensorType { return this.list[p.buffer].type; }

  private unique(name: string): string {
    const base = name.replace(/\W+/g, "_").replace(/^(\d)/, "_$1");
    let unique = base;
    for (let i = 2; this.names.has(unique); i++) unique = `${base}_${i}`;
    this.names.add(unique);
    return unique;
  }
}

/** What a value is called in generated code: what made it, and where. */
function nameOf(v: Value): string {
  const n = v.node as AnyNode;
  const line = locationText(n.at).match(/:(\d+)$/)?.[1];
  return line ? `${n.op}_L${line}` : n.op;
}
