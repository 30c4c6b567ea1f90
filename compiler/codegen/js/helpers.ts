import * as special from "../../../ir/ops/elementwise/special.ts";
import { scalarRecords } from "../../../ir/ops/index.ts";
import { bf16OfBits, bitsOfBF16, bitsOfF16, f16OfBits, roundBF16, roundF16 } from "../../../ir/types/half.ts";
import { template } from "./code.ts";

/**
 * Functions that kernels call. Their source text goes into the artifact, those that are used and no others, so each
 * is self-contained: it may use only `Math`, globals, functions of this table and the memory that goes with them.
 */

/** An index that comes from data, if it lies in 0 … size−1; else an error that says whose it is. */
export function checkIndex(index: number, size: number, note: string): number {
  if (index >= 0 && index < size) return index;
  throw new RangeError(note + ": index " + index + " is out of range for size " + size);
}

/**
 * Sorts the lines of `[outer, length, inner]` along the middle axis: values, and where each came from. Equals keep
 * their order; NaN counts as larger than every number.
 */
export function sortLines(
  input: ArrayLike<number>, values: { [i: number]: number }, positions: { [i: number]: number },
  outer: number, length: number, inner: number, descending: boolean,
): void {
  const order = new Uint32Array(length);
  for (let line = 0; line < outer * inner; line++) {
    const start = Math.floor(line / inner) * length * inner + (line % inner);
    for (let k = 0; k < length; k++) order[k] = k;
    order.sort((i, j) => {
      const a = input[start + i * inner], b = input[start + j * inner];
      const direction = a < b ? -1 : a > b ? 1 : Number(a !== a) - Number(b !== b);
      return (descending ? -direction : direction) || i - j;
    });
    for (let k = 0; k < length; k++) {
      values[start + k * inner] = input[start + order[k] * inner];
      positions[start + k * inner] = order[k];
    }
  }
}

/** Bytes of a constant, from base64. */
export function bytesOf(base64: string): ArrayBuffer {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

const functions = new Map<string, (...args: never[]) => unknown>(Object.entries({ ...special, f16OfBits, bitsOfF16, roundF16, bf16OfBits, bitsOfBF16, roundBF16, checkIndex, sortLines, bytesOf }));

/** Memory that some of these functions use between them. */
const memory: Readonly<Record<string, string>> = {
  float32: "const float32 = new Float32Array(1);",
  float32Bits: "const float32Bits = new Int32Array(float32.buffer);",
};

/** Names that helper functions may take in a module: nothing else is called so. */
export const helperNames: readonly string[] = [...functions.keys(), ...Object.keys(memory), ...Object.keys(scalarRecords).flatMap((op) => [`${op}Of`, `${op}IntOf`])];

/** The helpers a module uses, noted while it is printed. */
export class Helpers {
  private readonly used = new Map<string, string>();

  /** The name of a helper of this file or of the special functions. */
  use(name: string): string {
    if (this.used.has(name)) return name;
    const text = sourceOf(name);
    this.used.set(name, text);
    for (const callee of calledHelpers(text)) this.use(callee);
    for (const [place, declaration] of Object.entries(memory)) if (text.includes(place)) this.used.set(place, declaration);
    return name;
  }

  /** Notes the helpers that a piece of generated code calls. */
  useCalledIn(text: string): void {
    for (const name of calledHelpers(text)) this.use(name);
  }

  /** A function made of the JavaScript template of a scalar op: for operands that must be evaluated once and stand in it twice. */
  fromTemplate(op: string, source: string, arity: number): string {
    const name = `${op}Of`;
    const parameters = ["x", "y", "z", "w"].slice(0, arity);
    const body = template(source).pieces.map((p) => (typeof p === "string" ? p : parameters[p.operand])).join("");
    this.used.set(name, `function ${name}(${parameters.join(", ")}) {\n  return ${body};\n}`);
    this.useCalledIn(body);
    return name;
  }

  /** Source of the helpers in use, in alphabetical order. */
  print(): string[] {
    return [...this.used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  }
}

const calledHelpers = (text: string): string[] => [...text.matchAll(/(?<![\w.$])([A-Za-z_]\w*)\(/g)].map((m) => m[1]).filter((name) => functions.has(name));

const sources = new Map<string, string>();

function sourceOf(name: string): string {
  let text = sources.get(name);
  if (text === undefined) {
    const fn = functions.get(name);
    if (!fn) throw new Error(`internal: no helper is called ${name}`);
    sources.set(name, (text = tidy(String(fn))));
  }
  return text;
}

/** Indents by two spaces, whatever the compiler that this module went through indents by. */
function tidy(text: string): string {
  const unit = /\n(\t| {4}| {2})(?=\S)/.exec(text)?.[1] ?? "  ";
  return text.split("\n").map((line) => {
    let depth = 0;
    while (line.startsWith(unit)) { line = line.slice(unit.length); depth++; }
    return "  ".repeat(depth) + line;
  }).join("\n");
}
