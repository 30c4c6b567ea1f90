import { dims, type Dim, type DType, type MathType } from "../../../../ir/types/index.ts";
import type { ScalarName } from "../../../../ir/ops/index.ts";
import type { Atom, Expr, Index, Kernel, KernelArg, LoopVar, Stmt } from "../../../../compiler/loops/ir.ts";
import { Helpers } from "../../../../compiler/codegen/js/helpers.ts";
import { printKernel } from "../../../../compiler/codegen/js/kernel.ts";

/** Makes kernel IR by hand. */
export const variable = (name: string, extent: Dim): LoopVar => ({ name, extent });
export const atomVar = (v: LoopVar): Atom => ({ kind: "var", var: v });
export const index = (offset: Dim, ...terms: readonly (readonly [Atom | LoopVar, Dim])[]): Index => ({
  offset, terms: terms.map(([a, stride]) => ({ atom: "kind" in a ? a : atomVar(a), stride })), key: "",
});
export const constant = (dtype: MathType, value: number): Expr => ({ kind: "const", dtype, value });
export const load = (dtype: MathType, arg: number, at: Index): Expr => ({ kind: "load", dtype, arg, index: at });
export const scalar = (dtype: MathType, op: ScalarName, ...args: Expr[]): Expr => ({ kind: "scalar", dtype, op, args });
export const ref = (dtype: MathType, name: string): Expr => ({ kind: "ref", dtype, name });
export const store = (arg: number, at: Index, value: Expr, mode: Extract<Stmt, { kind: "store" }>["mode"] = "set"): Stmt => ({ kind: "store", arg, index: at, value, mode });
export const loop = (v: LoopVar, body: readonly Stmt[], options: { step?: number; resume?: boolean; reverse?: boolean } = {}): Stmt =>
  ({ kind: "loop", var: v, step: 1, lanes: 1, resume: false, reverse: false, parallel: false, ...options, body });
export const arg = (name: string, dtype: DType, size: Dim, access: KernelArg["access"] = "read"): KernelArg => ({ name, dtype, size, access });

export const kernel = (name: string, args: readonly KernelArg[], body: readonly Stmt[], more: Partial<Kernel> = {}): Kernel => ({
  name, kind: "map", args, body, origins: [],
  scalars: [...new Set(args.flatMap((a) => dims.symbolsOf(a.size)))], ...more,
});

/** The function text of a kernel. */
export function functionText(k: Kernel): string {
  const { parameters, body } = printKernel(k, new Helpers());
  return `function ${k.name}(${parameters}) {\n${body}\n}`;
}

/** Compiles kernels in this process. Only tests do so: what ships is imported as a module. */
export function compileKernel(k: Kernel): (...args: unknown[]) => void {
  const helpers = new Helpers();
  const { parameters, body } = printKernel(k, helpers);
  return new Function(`"use strict"; ${helpers.print().join("\n")}\nreturn function ${k.name}(${parameters}) {\n${body}\n};`)() as (...args: unknown[]) => void;
}
