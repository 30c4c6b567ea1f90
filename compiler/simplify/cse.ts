import { reachable, type AnyNode, type Region, type Value } from "../../ir/graph/index.ts";
import type { TypedArray } from "../../ir/types/index.ts";

/** Ops whose operands may change places without changing a bit of the result (NaN payloads aside). */
const commutative: ReadonlySet<string> = new Set(["add", "mul", "eq", "ne", "bitAnd", "bitOr", "bitXor", "hypot"]);

/** Common subexpressions: texts that are equal exactly for nodes that compute the same. */
export class NodeKeys {
  readonly #nodes = new WeakMap<AnyNode, string>();
  readonly #regions = new WeakMap<Region, string>();
  readonly #arrays = new ArrayNumbers();

  /** Equal for two nodes exactly when they compute the same from the same values. */
  keyOf(node: AnyNode): string {
    let key = this.#nodes.get(node);
    if (key === undefined) {
      // an argument is known by where it stands, not by what it looks like
      const isArgument = node.op === "input" || node.op === "parameter";
      key = isArgument ? `${node.op}#${node.id}` : this.#nodeKey(node, (v) => `${v.node.id}.${v.index}`);
      this.#nodes.set(node, key);
    }
    return key;
  }

  #nodeKey(node: AnyNode, nameOf: (v: Value) => string): string {
    const operands = node.inputs.map(nameOf);
    if (commutative.has(node.op)) operands.sort();
    return [node.op, this.#attributeKey(node.attrs), operands.join(","), ...node.regions.map((r) => this.regionKey(r))].join(" ");
  }

  /** Equal for regions that are the same function, whatever values they are made of. */
  regionKey(region: Region): string {
    let key = this.#regions.get(region);
    if (key !== undefined) return key;
    const names = new Map<Value, string>(region.params.map((v, i) => [v, `p${i}`]));
    const nameOf = (v: Value): string => names.get(v) ?? "?";
    const lines = region.params.map((v) => this.#attributeKey(v.type));
    for (const node of reachable(region.results)) {
      if (node.op === "parameter") continue;
      for (const v of node.outputs) names.set(v, `${names.size}`);
      lines.push(this.#nodeKey(node, nameOf));
    }
    key = `{${lines.join(";")}=>${region.results.map(nameOf).join(",")}}`;
    this.#regions.set(region, key);
    return key;
  }

  #attributeKey(x: unknown): string {
    if (typeof x === "number") return Object.is(x, -0) ? "-0" : String(x);
    if (typeof x === "string") return JSON.stringify(x);
    if (typeof x !== "object" || x === null) return String(x);
    if (ArrayBuffer.isView(x)) return `array${this.#arrays.of(x as TypedArray)}`;
    if (Array.isArray(x)) return `[${x.map((y) => this.#attributeKey(y)).join(",")}]`;
    return `{${Object.values(x).map((y) => this.#attributeKey(y)).join(",")}}`;
  }
}

/** Whether two regions compute the same from the same arguments. */
export function sameFunction(a: Region, b: Region): boolean {
  const keys = new NodeKeys();
  return keys.regionKey(a) === keys.regionKey(b);
}

/** Numbers the contents of arrays: equal numbers for equal bytes. */
class ArrayNumbers {
  readonly #known = new WeakMap<TypedArray, number>();
  readonly #byHash = new Map<number, TypedArray[]>();
  #count = 0;

  of(data: TypedArray): number {
    let id = this.#known.get(data);
    if (id !== undefined) return id;
    const bytes = bytesOf(data), h = hash(bytes);
    const alike = this.#byHash.get(h) ?? [];
    const same = alike.find((other) => sameBytes(bytesOf(other), bytes));
    id = same ? this.#known.get(same)! : this.#count++;
    this.#known.set(data, id);
    this.#byHash.set(h, same ? alike : [...alike, data]);
    return id;
  }
}

const bytesOf = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

/** FNV-1a. */
function hash(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const b of bytes) h = Math.imul(h ^ b, 0x01000193);
  return h >>> 0;
}
