import { Affine } from "../../../compiler/loops/affine.ts";
import type { Expr, Index, Kernel, KernelArg, LoopStmt, LoopVar, Stmt } from "../../../compiler/loops/ir.ts";
import type { Buffer, BufferId, Program, Step } from "../../../compiler/plan/program.ts";
import type { Dim, Shape } from "../../../ir/types/index.ts";

/** Kernels and programs written by hand, for tests of the plan. */

const affine = new Affine(() => { throw new Error("no data here"); });

/** `offset + Σ stride · variable`. */
export function index(offset: Dim, ...terms: readonly (readonly [Dim, LoopVar])[]): Index {
  return affine.add(affine.constant(offset), ...terms.map(([stride, v]) => affine.scale(affine.variable(v), stride)));
}
export const variable = (name: string, extent: Dim): LoopVar => ({ name, extent });

export const load = (arg: number, at: Index): Expr => ({ kind: "load", dtype: "f64", arg, index: at });
export const add = (a: Expr, b: Expr): Expr => ({ kind: "scalar", dtype: "f64", op: "add", args: [a, b] });
export const store = (arg: number, at: Index, value: Expr): Stmt => ({ kind: "store", arg, index: at, value, mode: "set" });
export const loop = (v: LoopVar, body: readonly Stmt[], shape: Partial<Pick<LoopStmt, "step" | "lanes" | "resume" | "reverse">> = {}): LoopStmt =>
  ({ kind: "loop", var: v, step: 1, lanes: 1, resume: false, reverse: false, parallel: true, body, ...shape });

export function kernel(name: string, args: readonly (readonly [string, KernelArg["access"]])[], size: Dim, body: readonly Stmt[]): Kernel {
  return { name, kind: "map", scalars: [], origins: [], body, args: args.map(([argName, access]) => ({ name: argName, dtype: "f64", size, access })) };
}

/** `out = in + 1`, element by element; with more inputs, their sum. */
export function elementwise(name: string, inputs: number, size: Dim): Kernel {
  const i = variable("i", size), at = index(0, [1, i]);
  const sum = Array.from({ length: inputs }, (_, k) => load(k, at)).reduce(add, { kind: "const", dtype: "f64", value: 1 } satisfies Expr);
  return kernel(name, [...Array.from({ length: inputs }, (_, k) => [`in${k}`, "read"] as const), ["out", "write"] as const], size, [loop(i, [store(inputs, at, sum)])]);
}

/** Turns a vector around: reads what it would have overwritten. */
export function turned(name: string, size: number): Kernel {
  const i = variable("i", size);
  return kernel(name, [["in", "read"], ["out", "write"]], size, [loop(i, [store(1, index(0, [1, i]), load(0, index(size - 1, [-1, i])))])]);
}

/** Folds a vector into one number. */
export function total(name: string, size: Dim): Kernel {
  const i = variable("i", size);
  const k = kernel(name, [["in", "read"], ["out", "write"]], size, [
    { kind: "acc", name: "sum", dtype: "f64", init: 0 },
    loop(i, [{ kind: "fold", name: "sum", dtype: "f64", reducer: "sum", value: load(0, index(0, [1, i])) }]),
    store(1, index(0), { kind: "ref", dtype: "f64", name: "sum" }),
  ]);
  return { ...k, kind: "reduce", args: [k.args[0], { ...k.args[1], size: 1 }] };
}

/** Puts a program together, buffer by buffer. */
export class Draft {
  readonly #buffers: Buffer[] = [];
  readonly #kernels: Kernel[] = [];

  buffer(name: string, kind: "input" | "variable" | "arena", shape: Shape, dtype: Buffer["type"]["dtype"] = "f64"): BufferId {
    const id = this.#buffers.length;
    this.#buffers.push({ id, name, type: { dtype, shape }, storage: kind === "arena" ? { kind, slot: null } : { kind, name } });
    return id;
  }

  constant(name: string, data: number | Float64Array, shape: Shape): BufferId {
    const id = this.#buffers.length;
    this.#buffers.push({ id, name, type: { dtype: "f64", shape }, storage: { kind: "constant", data } });
    return id;
  }

  call(kernel: Kernel, ...args: BufferId[]): Step {
    const known = this.#kernels.indexOf(kernel);
    return { kind: "kernel", kernel: known >= 0 ? known : this.#kernels.push(kernel) - 1, args };
  }

  program(steps: readonly Step[], outputs: readonly BufferId[] = []): Program {
    return {
      name: "f", steps, buffers: this.#buffers, kernels: this.#kernels, symbols: ["B"],
      inputs: this.#buffers.flatMap((b) => (b.storage.kind === "input" ? [{ name: b.name, buffer: b.id }] : [])),
      outputs: outputs.map((buffer) => ({ name: this.#buffers[buffer].name, buffer })),
    };
  }
}
