/** Words a generated identifier cannot be: reserved by the language, or a global that generated code uses. */
const reserved = new Set((
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally " +
  "for function if implements import in instanceof interface let new null package private protected public return static super " +
  "switch this throw true try typeof undefined var void while with yield async of get set NaN Infinity Math Number Object Array " +
  "Float32Array Float64Array Int32Array Uint32Array Uint8Array RangeError Error atob globalThis"
).split(" "));

/** A key of an object literal, quoted where it must be; `__proto__` is no property unless it is computed. */
export const propertyKey = (key: string): string =>
  key === "__proto__" ? `["__proto__"]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);

/**
 * The identifiers of one scope. What the IR calls `fc1.weight` is `fc1_weight` here; two things that would get the
 * same identifier are told apart by a number.
 */
export class Names {
  private readonly taken: Set<string>;
  private readonly byThing = new Map<string, string>();

  /** `outer` are identifiers of the scopes around, which this one must not hide. */
  constructor(outer: Iterable<string> = []) { this.taken = new Set(outer); }

  /** The identifier of a thing, made from `wanted` when first asked for. Things of different kinds never share one. */
  of(kind: string, name: string, wanted: string = name): string {
    const key = `${kind} ${name}`;
    let identifier = this.byThing.get(key);
    if (identifier === undefined) this.byThing.set(key, (identifier = this.fresh(wanted)));
    return identifier;
  }

  /** Every identifier of this scope and those around it. */
  all(): readonly string[] { return [...this.taken]; }

  /** An identifier like `wanted` that nothing else has. */
  fresh(wanted: string): string {
    const clean = wanted.replace(/[^\w$]+/g, "_").replace(/^(?=\d)/, "_") || "_";
    const base = reserved.has(clean) ? `${clean}_` : clean;
    let identifier = base;
    for (let n = 2; this.taken.has(identifier); n++) identifier = `${base}_${n}`;
    this.taken.add(identifier);
    return identifier;
  }
}
