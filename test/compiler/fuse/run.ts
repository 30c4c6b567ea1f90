import { combine, scalarRow, type NdArray } from "../../../ir/ops/index.ts";
import { dims, isFloat, roundTo, type Dim } from "../../../ir/types/index.ts";
import type { Expr, Index, Kernel, Stmt } from "../../../compiler/loops/ir.ts";
import type { Buffer, PlannedProgram, Program, Step } from "../../../compiler/plan/program.ts";

/** Sizes of the symbols, from the inputs that have them as dimensions. */
function bindingOf(p: Program, inputs: Readonly<Record<string, NdArray>>): Record<string, number> {
  const binding: Record<string, number> = {};
  for (const { name, buffer } of p.inputs)
    p.buffers[buffer].type.shape.forEach((d, i) => { if (typeof d === "string" && /^\w+$/.test(d)) binding[d] = inputs[name].shape[i]; });
  return binding;
}

/**
 * Runs a lowered program by walking its kernels' statements in double precision: the meaning of the kernel IR,
 * so that lowering can be tested against the reference interpreter without any code generator. Buffers of one slot
 * share memory, where the program is planned, so that a wrong lifetime shows as a wrong result. Memory starts as NaN.
 */
export function runProgram(
  p: Program | PlannedProgram, inputs: Readonly<Record<string, NdArray>>, variables: Readonly<Record<string, NdArray>> = {}, binding: Readonly<Record<string, number>> = bindingOf(p, inputs),
): { outputs: Record<string, Float64Array>; variables: Record<string, Float64Array> } {
  const sizeOf = (b: Buffer): number => dims.evaluate(dims.product(b.type.shape), binding);
  const slots = new Map<number, Float64Array>();
  for (const b of p.buffers) {
    const slot = b.storage.kind === "arena" ? b.storage.slot : null;
    if (slot !== null && sizeOf(b) >= (slots.get(slot)?.length ?? 0)) slots.set(slot, new Float64Array(sizeOf(b)).fill(NaN));
  }
  const memory = p.buffers.map((b): Float64Array => {
    const { storage } = b;
    switch (storage.kind) {
      case "input": return Float64Array.from(inputs[storage.name].data);
      case "variable": // one that is only written has no old value
        return variables[storage.name] ? Float64Array.from(variables[storage.name].data) : new Float64Array(sizeOf(b)).fill(NaN);
      case "constant": return typeof storage.data === "number" ? new Float64Array(sizeOf(b)).fill(storage.data) : Float64Array.from(storage.data);
      case "arena": return storage.slot === null ? new Float64Array(sizeOf(b)).fill(NaN) : slots.get(storage.slot)!.subarray(0, sizeOf(b));
    }
  });
  const steps = (list: readonly Step[], scope: Record<string, number>): void => {
    for (const s of list) {
      switch (s.kind) {
        case "kernel": runKernel(p.kernels[s.kernel], s.args.map((b) => memory[b]), scope); break;
        case "copy": memory[s.to].set(memory[s.from]); break;
        case "cond": steps(memory[s.pred][0] ? s.then : s.otherwise, scope); break;
        case "while": for (steps(s.test, scope); memory[s.pred][0]; steps(s.test, scope)) steps(s.body, scope); break;
        case "for": {
          const n = dims.evaluate(s.length, scope);
          for (let i = 0; i < n; i++) steps(s.body, { ...scope, [s.counter]: s.reverse ? n - 1 - i : i });
        }
      }
    }
  };
  steps(p.steps, { ...binding });
  const variablesOut = p.buffers.flatMap((b, i) => (b.storage.kind === "variable" ? [[b.storage.name, memory[i]] as const] : []));
  return { outputs: Object.fromEntries(p.outputs.map((o) => [o.name, memory[o.buffer]])), variables: Object.fromEntries(variablesOut) };
}

export function runKernel(k: Kernel, args: readonly Float64Array[], symbols: Record<string, number>): void {
  const env = new Map<string, number>();
  const dim = (d: Dim): number => dims.evaluate(d, symbols);
  const index = (x: Index): number => x.terms.reduce((sum, t) => {
    const a = t.atom;
    let v: number;
    switch (a.kind) {
      case "var": v = env.get(a.var.name)!; break;
      case "div": v = Math.floor(index(a.of) / dim(a.by)); break;
      case "mod": v = index(a.of) % dim(a.by); break;
      case "data":
        v = expr(a.value);
        if (!(v >= 0 && v < dim(a.size))) throw new Error(`index ${v} out of range ${dim(a.size)} in ${a.note}`);
    }
    return sum + v * dim(t.stride);
  }, dim(x.offset));
  const load = (arg: number, at: number): number => {
    if (!(at >= 0 && at < args[arg].length)) throw new Error(`${k.name} reads ${k.args[arg].name}[${at}] of ${args[arg].length}`);
    return args[arg][at];
  };
  const expr = (e: Expr): number => {
    switch (e.kind) {
      case "const": return e.value;
      case "size": return dim(e.dim);
      case "ref": {
        const v = env.get(e.name);
        if (v === undefined) throw new Error(`${k.name}: ${e.name} is not bound`);
        return v;
      }
      case "index": return index(e.index);
      case "load": return load(e.arg, index(e.index));
      case "scalar": {
        const row = scalarRow(e.op), dtype = e.args[0].dtype;
        const v = (!isFloat(dtype) && row.int ? row.int : row.eval)(...e.args.map(expr));
        return isFloat(e.dtype) ? v : roundTo(e.dtype, v);
      }
      case "select": return expr(e.pred) ? expr(e.a) : expr(e.b);
      case "convert": return isFloat(e.dtype) ? expr(e.arg) : roundTo(e.dtype, expr(e.arg));
      case "guard": return e.tests.every((t) => { const i = index(t.index); return i >= dim(t.low) && i < dim(t.high) && (i - dim(t.low)) % t.step === 0; }) ? expr(e.inside) : expr(e.outside);
      default: throw new Error(`${k.name}: ${e.kind} was not scheduled`);
    }
  };
  const run = (list: readonly Stmt[]): void => {
    const last = new Map<string, number>();
    for (const s of list) {
      switch (s.kind) {
        case "let": env.set(s.name, expr(s.value)); break;
        case "acc": env.set(s.name, s.init); break;
        case "fold": env.set(s.name, combine(s.reducer, env.get(s.name)!, expr(s.value), s.dtype)); break;
        case "foldArg": {
          const v = expr(s.value), best = env.get(s.best)!;
          const better = Number.isNaN(v) || (s.reducer === "max" ? v > best : v < best);
          if (env.get(s.at) === -1 || (!Number.isNaN(best) && better)) { env.set(s.best, v); env.set(s.at, index(s.index)); }
          break;
        }
        case "store": {
          const at = index(s.index), v = expr(s.value);
          if (!(at >= 0 && at < args[s.arg].length)) throw new Error(`${k.name} writes ${k.args[s.arg].name}[${at}] of ${args[s.arg].length}`);
          args[s.arg][at] = s.mode === "set" ? v : combine(s.mode, args[s.arg][at], v, k.args[s.arg].dtype);
          break;
        }
        case "loop": {
          const n = dim(s.var.extent);
          if (s.reverse) for (let i = n - 1; i >= 0; i--) { env.set(s.var.name, i); run(s.body); }
          else {
            let i = s.resume ? last.get(s.var.name)! : 0;
            for (; i + s.step <= n; i += s.step) { env.set(s.var.name, i); run(s.body); }
            last.set(s.var.name, i);
          }
        }
      }
    }
  };
  if (!k.sort) return run(k.body);
  const [outer, length, inner] = [dim(k.sort.outer), dim(k.sort.length), dim(k.sort.inner)];
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = (j: number): number => (o * length + j) * inner + i;
      const order = Array.from({ length }, (_, j) => j).sort((a, b) => {
        const x = args[0][at(a)], y = args[0][at(b)];
        const c = Number.isNaN(x) ? (Number.isNaN(y) ? 0 : 1) : Number.isNaN(y) ? -1 : x < y ? -1 : x > y ? 1 : 0;
        return (k.sort!.descending ? -c : c) || a - b;
      });
      order.forEach((j, r) => { args[1][at(r)] = args[0][at(j)]; args[2][at(r)] = j; });
    }
}
