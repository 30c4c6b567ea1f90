import { locationText } from "../../../ir/graph/index.ts";
import type { Kernel, Origin } from "../../loops/ir.ts";
import { Expressions } from "./expression.ts";
import { helperNames, Helpers } from "./helpers.ts";
import { Names } from "./names.ts";
import { Statements } from "./statement.ts";

/** The parameters and body of a kernel's function. */
export interface KernelText {
  readonly parameters: string;
  readonly body: string;
}

/** Prints a kernel: `(x, w, out, B)` and the loops over them. `helpers` notes what it calls. */
export function printKernel(kernel: Kernel, helpers: Helpers): KernelText {
  const x = new Expressions(kernel, new Names(helperNames), helpers);
  const parameters = [...kernel.args.map((_, i) => x.arg(i)), ...kernel.scalars.map(x.symbol)].join(", ");
  const lines = kernel.sort ? [sortCall(kernel, kernel.sort, x, helpers)] : new Statements(x).list(kernel.body, 1);
  return { parameters, body: lines.join("\n") };
}

function sortCall(kernel: Kernel, s: NonNullable<Kernel["sort"]>, x: Expressions, helpers: Helpers): string {
  if (kernel.args.length !== 3) throw new Error(`internal: sort kernel ${kernel.name} has ${kernel.args.length} arguments`);
  const sizes = [s.outer, s.length, s.inner].map((d) => x.dim(d).text);
  return `  ${helpers.use("sortLines")}(${[0, 1, 2].map((i) => x.arg(i)).join(", ")}, ${sizes.join(", ")}, ${s.descending});`;
}

/**
 * Text that is equal for kernels that one function can stand for: arguments are named by position. Their dtypes count,
 * as a loop that meets several kinds of typed array runs slowly.
 */
export function kernelKey(kernel: Kernel): string {
  const anonymous: Kernel = { ...kernel, args: kernel.args.map((a, i) => ({ ...a, name: `${a.dtype}_${i}` })) };
  const { parameters, body } = printKernel(anonymous, new Helpers());
  return `(${parameters}) {\n${body}\n}`;
}

/** `dot, add, relu: digits.model.ts:8,9`: the ops computed in a kernel and the user's lines that ask for them. */
export function originText(origins: readonly Origin[]): string {
  const ops = [...new Set(origins.map((o) => o.op))].join(", ");
  const lines = new Map<string, Set<number>>();
  for (const { at } of origins) {
    if (!at) continue;
    const file = locationText(at).replace(/:\d+$/, "");
    lines.set(file, (lines.get(file) ?? new Set()).add(at.line));
  }
  const places = [...lines].map(([file, at]) => `${file}:${[...at].sort((a, b) => a - b).join(",")}`).join(", ");
  return places === "" ? ops : `${ops}: ${places}`;
}
