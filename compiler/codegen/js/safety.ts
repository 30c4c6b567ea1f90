import type { Atom, Expr, Index, Kernel, Stmt } from "../../loops/ir.ts";
import type { BufferId, Program, Step } from "../../plan/program.ts";

/** Whether running a kernel can throw: it reads indices from data, and they may be out of range. */
export function canThrow(kernel: Kernel): boolean {
  return kernel.body.some(stmtThrows);
}

function stmtThrows(s: Stmt): boolean {
  switch (s.kind) {
    case "acc": return false;
    case "let": case "fold": return exprThrows(s.value);
    case "foldArg": return exprThrows(s.value) || indexThrows(s.index);
    case "store": return exprThrows(s.value) || indexThrows(s.index);
    case "loop": return s.body.some(stmtThrows);
  }
}

function exprThrows(e: Expr): boolean {
  switch (e.kind) {
    case "const": case "size": case "ref": case "across": return false;
    case "index": case "load": return indexThrows(e.index);
    case "scalar": return e.args.some(exprThrows);
    case "select": return exprThrows(e.pred) || exprThrows(e.a) || exprThrows(e.b);
    case "convert": return exprThrows(e.arg);
    case "guard": return e.tests.some((t) => indexThrows(t.index)) || exprThrows(e.inside) || exprThrows(e.outside);
    case "reduce": case "argReduce": case "prefix": return exprThrows(e.body);
  }
}

const indexThrows = (x: Index): boolean => x.terms.some((t) => atomThrows(t.atom));
const atomThrows = (a: Atom): boolean => a.kind === "data" || (a.kind !== "var" && indexThrows(a.of));

/**
 * Variables that may have been written when a later (or the same) kernel throws. The runtime keeps a copy of these
 * during a call, so that a call which fails changes nothing; a program whose checks all come before its updates, as
 * those of most training steps do, needs none.
 */
export function variablesAtRisk(program: Program): string[] {
  const variableOf = (id: BufferId): string | undefined => {
    const buffer = program.buffers.find((b) => b.id === id);
    return buffer?.storage.kind === "variable" ? buffer.storage.name : undefined;
  };
  const throwing = program.kernels.map(canThrow);
  const written = new Set<string>(), atRisk = new Set<string>();
  const write = (id: BufferId): void => {
    const name = variableOf(id);
    if (name !== undefined) written.add(name);
  };
  const run = (steps: readonly Step[]): void => {
    for (const s of steps) {
      switch (s.kind) {
        case "kernel":
          program.kernels[s.kernel].args.forEach((a, i) => { if (a.access !== "read") write(s.args[i]); });
          if (throwing[s.kernel]) for (const name of written) atRisk.add(name);
          break;
        case "copy": write(s.to); break;
        case "cond": run(s.then); run(s.otherwise); break;
        // twice, as what one round writes is at risk in the next
        case "while": for (let i = 0; i < 2; i++) { run(s.test); run(s.body); } break;
        case "for": for (let i = 0; i < 2; i++) run(s.body); break;
      }
    }
  };
  run(program.steps);
  return [...atRisk].sort();
}
