import type { Kernel } from "../../loops/ir.ts";
import type { Sharing } from "../../loops/share.ts";
import { KernelContext, type ModuleScope } from "./context.ts";
import { statements } from "./statement.ts";
import { sharedBody } from "./threads.ts";

/**
 * Prints a kernel as a WebAssembly function called `name`: pointers to its buffers, then the integers it mentions. With
 * `sharing`, each thread that calls it computes its part.
 */
export function printKernel(kernel: Kernel, name: string, module: ModuleScope, sharing?: Sharing): string {
  const cx = new KernelContext(kernel, module);
  if (kernel.sort) cx.fail("sorts, which the host does");
  if (sharing) sharedBody(cx, sharing, (body) => statements(cx, body));
  else statements(cx, kernel.body);
  const parameters = [...kernel.args.map((_, i) => cx.pointer(i)), ...kernel.scalars.map(cx.symbol)].map((p) => ` (param ${p} i32)`);
  return [`  (func $${name}${parameters.join("")}`, ...cx.out.print(), "  )"].join("\n");
}

/** Text that is equal for kernels that one function can stand for: arguments are named by position. */
export function kernelKey(kernel: Kernel, module: ModuleScope, sharing?: Sharing): string {
  if (kernel.sort) return "sort";
  return printKernel({ ...kernel, args: kernel.args.map((a, i) => ({ ...a, name: `${a.dtype}_${i}` })) }, "kernel", module, sharing);
}
