import { check } from "../graph/error.ts";
import { Tensor } from "./core.ts";
import { describe } from "./lift.ts";

/** Arguments that come from code without types: what they are, in words, and checks of their kind. */

/** What an argument is, for messages: `f32[2,3]`, `[1, null]`, `a function`. */
export function argumentText(x: unknown): string {
  if (x instanceof Tensor) return describe(x);
  if (typeof x === "function") return "a function";
  if (typeof x === "string") return JSON.stringify(x);
  if (Array.isArray(x)) return `[${x.slice(0, 6).map(argumentText).join(", ")}${x.length > 6 ? ", …" : ""}]`;
  if (typeof x === "object" && x !== null) return `{ ${Object.keys(x).slice(0, 6).join(", ")} }`;
  return String(x);
}

/** Throws unless all of these arguments of a function are tensors. */
export function requireTensors(name: string, given: Readonly<Record<string, unknown>>): void {
  for (const [argument, x] of Object.entries(given))
    check(x instanceof Tensor, () => `${name}: ${argument} is ${argumentText(x)}; it must be a tensor`,
      x === undefined || x === null ? "pass it" : typeof x === "number" || Array.isArray(x) ? "numbers and arrays become tensors with tensor(…)" : "pass a tensor");
}

/** Throws unless an argument of a function is a list of tensors. */
export function requireTensorList(name: string, given: unknown): asserts given is readonly Tensor[] {
  check(Array.isArray(given) && given.every((x) => x instanceof Tensor), () => `${name} of ${argumentText(given)}`, "give a list of tensors: [a, b]");
}

/** Parameters as a function declares them: `(a, b, { alpha = 1 } = {})`. */
export function parametersText(f: Function): string {
  const text = f.toString(), start = text.indexOf("(");
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if ("([{".includes(text[i])) depth++;
    else if (")]}".includes(text[i]) && --depth === 0) return text.slice(start, i + 1).replace(/\s+/g, " ");
  }
  return "other arguments";
}
