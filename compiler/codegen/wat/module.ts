import { dims, sizeOf, byteSize, type Dim } from "../../../ir/types/index.ts";
import type { Kernel } from "../../loops/ir.ts";
import type { BufferId, PlannedProgram, Step } from "../../plan/program.ts";
import { printKernel, type WatScope } from "./kernel.ts";
import { mathFunctions } from "./math.ts";
import { printDim } from "./size.ts";

/** A module's text, and what it needs from outside. */
export interface WatModule {
  readonly text: string;
  /** Ops that the module imports as JavaScript functions of doubles, with their number of operands. */
  readonly imports: readonly { readonly name: string; readonly op: string; readonly arity: number; readonly integer: boolean }[];
  /** What an index that is out of range was for, by number. */
  readonly notes: readonly string[];
}

/**
 * Prints planned programs as one WebAssembly module. Every program is one exported function of one argument: the
 * address of a table with the address of each of its buffers, in order, then the value of each of its symbols.
 */
export function printWat(programs: readonly PlannedProgram[]): WatModule {
  const math = new Set<string>();
  const imports = new Map<string, WatModule["imports"][number]>();
  const notes: string[] = [];
  const scope: WatScope = {
    useMath(name) { math.add(name); return name; },
    useImport(op, arity, integer) {
      const name = `js_${op}${integer ? "_int" : ""}`;
      imports.set(name, { name, op, arity, integer });
      return name;
    },
    noteOf(text) {
      if (!notes.includes(text)) notes.push(text);
      return notes.indexOf(text);
    },
  };
  const bodies = programs.map((p) => {
    const kernels = p.kernels.map((k) => (k.sort ? undefined : printKernel(k, scope)));
    return [...kernels.filter((k) => k !== undefined), printProgram(p)].join("\n\n");
  });
  const number = (n: number): string => Array.from({ length: n }, () => "f64").join(" ");
  const text = [
    "(module",
    `  (import "env" "memory" (memory 1))`,
    `  (import "env" "outOfRange" (func $outOfRange (param i32 i32 i32)))`,
    `  (import "env" "sort" (func $sort (param i32 i32 i32 i32 i32 i32 i32)))`,
    ...[...imports.values()].map((i) => `  (import "op" "${i.name}" (func $${i.name} (param ${number(i.arity)}) (result f64)))`),
    ...mathFunctions(math),
    `  (func $check (param $i i32) (param $size i32) (param $note i32) (result i32)`,
    `    (if (i32.ge_u (local.get $i) (local.get $size)) (then (call $outOfRange (local.get $i) (local.get $size) (local.get $note)) (unreachable)))`,
    `    (local.get $i))`,
    "",
    ...bodies,
    ")",
  ].join("\n");
  return { text, imports: [...imports.values()], notes };
}

/** Sort keys are told apart by their dtype. */
const sortKinds = ["f32", "f64", "i32", "u32", "u8", "bool"] as const;

function printProgram(p: PlannedProgram): string {
  const lines: string[] = [];
  let depth = 2, labels = 0;
  const line = (text: string): void => { lines.push(`${"  ".repeat(depth)}${text}`); };
  const buffer = (id: BufferId): string => `(local.get $${p.buffers[id].name})`;
  const counters = new Set<string>();
  const size = (d: Dim): string => printDim(d);
  const bytes = (id: BufferId): string => size(dims.mul(sizeOf(p.buffers[id].type), byteSize[p.buffers[id].type.dtype]));
  const callKernel = (k: Kernel, args: readonly BufferId[]): void => {
    if (k.sort) {
      const kind = sortKinds.indexOf(k.args[0].dtype);
      line(`(call $sort ${args.map(buffer).join(" ")} ${size(k.sort.outer)} ${size(k.sort.length)} ${size(k.sort.inner)} (i32.const ${kind * 2 + Number(k.sort.descending)}))`);
    } else line(`(call $${k.name} ${[...args.map(buffer), ...k.scalars.map((s) => `(local.get $${s})`)].join(" ")})`);
  };
  const steps = (list: readonly Step[]): void => {
    for (const s of list)
      switch (s.kind) {
        case "kernel": callKernel(p.kernels[s.kernel], s.args); break;
        case "copy": line(`(memory.copy ${buffer(s.to)} ${buffer(s.from)} ${bytes(s.to)})`); break;
        case "cond":
          line(`(if (i32.load8_u ${buffer(s.pred)})`);
          depth++;
          line("(then"); depth++; steps(s.then); depth--; line(")");
          line("(else"); depth++; steps(s.otherwise); depth--; line("))");
          depth--;
          break;
        case "while": {
          const label = `while${labels++}`;
          line(`(loop $${label}`);
          depth++;
          steps(s.test);
          line(`(if (i32.load8_u ${buffer(s.pred)}) (then`);
          depth++;
          steps(s.body);
          line(`(br $${label}))))`);
          depth -= 2;
          break;
        }
        case "for": {
          const label = `for${labels++}`, n = size(s.length);
          counters.add(s.counter);
          line(`(local.set $${s.counter} ${s.reverse ? `(i32.sub ${n} (i32.const 1))` : "(i32.const 0)"})`);
          const more = s.reverse ? `(i32.ge_s (local.get $${s.counter}) (i32.const 0))` : `(i32.lt_s (local.get $${s.counter}) ${n})`;
          line(`(if ${more} (then (loop $${label}`);
          depth++;
          steps(s.body);
          line(`(local.set $${s.counter} (i32.add (local.get $${s.counter}) (i32.const ${s.reverse ? -1 : 1})))`);
          line(`(br_if $${label} ${more}))))`);
          depth--;
        }
      }
  };
  steps(p.steps);
  const loads = [...p.buffers.map((b, i) => [b.name, i] as const), ...p.symbols.map((s, i) => [s, p.buffers.length + i] as const)];
  return [
    `  (func $${p.name} (export "${p.name}") (param $table i32)`,
    ...[...loads.map(([name]) => name), ...counters].map((name) => `    (local $${name} i32)`),
    ...loads.map(([name, i]) => `    (local.set $${name} (i32.load offset=${4 * i} (local.get $table)))`),
    ...lines,
    "  )",
  ].join("\n");
}
