import { dims, type Dim } from "../../../ir/types/index.ts";

/** A dimension in i32 arithmetic; its symbols are locals of the same name. */
export function printDim(d: Dim, atom: (d: Dim) => string = printDim): string {
  if (typeof d === "number") return `(i32.const ${d})`;
  const parts = dims.terms(d).map(({ coefficient, atoms }) => {
    // sizes are not negative where they are divided, so rounding down is truncation
    const factors = atoms.map((a) => (typeof a === "string" ? `(local.get $${a})` : `(i32.div_s ${atom(a.num)} ${atom(a.den)})`));
    if (coefficient !== 1 || factors.length === 0) factors.unshift(`(i32.const ${coefficient})`);
    return factors.reduce((a, b) => `(i32.mul ${a} ${b})`);
  });
  return parts.length === 0 ? "(i32.const 0)" : parts.reduce((a, b) => `(i32.add ${a} ${b})`);
}
