import type { team as makeTeam, Team } from "./team.ts";

/** What a worker is sent; it answers each with `undefined`, or what went wrong. */
export type Message =
  | { readonly kind: "join"; readonly control: Int32Array; readonly thread: number; readonly spins: number }
  /** An instance of a model's module on the memory that all threads share. Jobs name its functions by number. */
  | { readonly kind: "model"; readonly id: number; readonly module: WebAssembly.Module; readonly memory: WebAssembly.Memory; readonly functions: readonly string[] }
  | { readonly kind: "forget"; readonly id: number };

/**
 * What runs in a worker: it opens messages, and in between serves the bell.
 *
 * This function travels as text: it mentions nothing but its parameters.
 */
export function serve(team: typeof makeTeam, receive: (listener: (m: Message) => void) => void, answer: (problem: string | undefined) => void): void {
  interface Instance {
    readonly threads: WebAssembly.Global<"i32">;
    readonly functions: readonly (() => void)[];
  }
  const models = new Map<number, Instance>();
  let us: Team;

  receive((m) => {
    let problem: string | undefined;
    try {
      if (m.kind === "join") us = team(m.control, m.thread, m.spins);
      else if (m.kind === "forget") models.delete(m.id);
      else {
        // what comes from outside is JavaScript of the thread that calls, which runs it itself; but for these
        const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
        for (const { module, name } of WebAssembly.Module.imports(m.module)) {
          imports[module] ??= {};
          imports[module][name] = (...x: number[]) => { throw name === "outOfRange" ? x : new Error(`${name} was called by a worker`); };
        }
        Object.assign(imports.env, { memory: m.memory, barrier: us.barrier });
        const { exports } = new WebAssembly.Instance(m.module, imports);
        (exports.$thread as WebAssembly.Global<"i32">).value = us.thread;
        models.set(m.id, { threads: exports.$threads as WebAssembly.Global<"i32">, functions: m.functions.map((f) => exports[f] as () => void) });
      }
    } catch (e) {
      problem = String(e);
    }
    us.open();
    answer(problem);
    while (us.listen()) {
      us.work((model, fn, threads) => {
        const instance = models.get(model)!;
        instance.threads.value = threads;
        instance.functions[fn]();
      });
    }
  });
}
