import type { Kernel } from "../../loops/ir.ts";
import { KernelContext, type ModuleScope } from "./context.ts";
import { statements } from "./statement.ts";

/** Prints a kernel as a WebAssembly function called `name`: pointers to its buffers, then the integers it mentions. */
export function printKernel(kernel: Kernel, name: string, module: ModuleScope): string {
  const cx = new KernelContext(kernel, module);
  if (kernel.sort) cx.fail("sorts, which the host does");
  statements(cx, kernel.body);
  const parameters = [...kernel.args.map((_, i) => cx.pointer(i)), ...kernel.scalars.map(cx.symbol)].map((p) => ` (param ${p} i32)`);
  return [`  (func $${name}${parameters.join("")}`, ...cx.out.print(), "  )"].join("\n");
}

/** Text that is equal for kernels that one function can stand for: arguments are named by position. */
export function kernelKey(kernel: Kernel, module: ModuleScope): string {
  if (kernel.sort) return "sort";
  return printKernel({ ...kernel, args: kernel.args.map((a, i) => ({ ...a, name: `${a.dtype}_${i}` })) }, "kernel", module);
}
