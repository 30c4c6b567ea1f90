/** Vector functions in WebAssembly text: name to function, four lanes of f32 in, four out. */
const functions: Readonly<Record<string, string>> = {};

/** The functions named, and those they call. */
export function mathFunctions(names: ReadonlySet<string>): string[] {
  return [...names].map((n) => functions[n]);
}
