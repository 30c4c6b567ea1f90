import type { Expr } from "./ir.ts";

/**
 * Whether a value is one of several, each of which `holds`, that is picked and at most turned over in its sign: then it
 * has as many digits as they have.
 */
export function isPicked(e: Expr, holds: (e: Expr) => boolean): boolean {
  if (holds(e)) return true;
  const on = (x: Expr): boolean => isPicked(x, holds);
  switch (e.kind) {
    case "scalar": return picking.has(e.op) && e.args.every(on);
    case "select": return on(e.a) && on(e.b);
    case "guard": return on(e.inside) && on(e.outside);
    case "reduce": case "prefix": return (e.reducer === "max" || e.reducer === "min") && on(e.body);
    default: return false;
  }
}

/** Ops that give one of their operands, but for its sign. */
const picking: ReadonlySet<string> = new Set(["neg", "abs", "maximum", "minimum", "copysign"]);
