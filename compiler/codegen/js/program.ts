import { sizeOf, stored, typeText, type Dim } from "../../../ir/types/index.ts";
import type { Buffer, BufferId, PlannedProgram, Step } from "../../plan/program.ts";
import { call, literal, type Code } from "./code.ts";
import { arrayName, type Constants } from "./constants.ts";
import { printDim } from "./dims.ts";
import { propertyKey, type Names } from "./names.ts";
import { variablesAtRisk } from "../../plan/risk.ts";
import { indent } from "./statement.ts";

/** What a program needs of the module around it. */
export interface ModuleScope {
  /** The scope of one program: knows every identifier of the module. */
  names(): Names;
  readonly constants: Constants;
  /** Identifier of the function that a kernel of the program became. */
  kernel(index: number): string;
}

/**
 * Prints a program as the property of an object: how much memory it takes, and `bind`, which makes the views for one
 * binding of the symbols and returns the function that runs it.
 */
export function printProgram(program: PlannedProgram, scope: ModuleScope, depth: number): string {
  return new ProgramPrinter(program, scope).print(depth);
}

class ProgramPrinter {
  private readonly program: PlannedProgram;
  private readonly scope: ModuleScope;
  private readonly names: Names;
  private readonly buffers: ReadonlyMap<BufferId, Buffer>;

  constructor(program: PlannedProgram, scope: ModuleScope) {
    this.program = program;
    this.scope = scope;
    this.names = scope.names();
    this.buffers = new Map(program.buffers.map((b) => [b.id, b]));
    for (const word of ["arena", "at", "variables"]) this.names.of("memory", word);
    for (const s of program.symbols) this.symbol(s);
  }

  private readonly symbol = (name: string): string => this.names.of("symbol", name);
  private dim(d: Dim): Code { return printDim(d, this.symbol); }

  /** The identifier of a buffer's typed array. */
  private array(id: BufferId): string {
    const b = this.buffers.get(id);
    if (!b) throw new Error(`internal: program ${this.program.name} has no buffer ${id}`);
    const { storage } = b;
    if (storage.kind === "constant" && typeof storage.data !== "number") return this.scope.constants.declare(b.name, b.type.dtype, storage.data);
    return this.names.of("buffer", String(id), storage.kind === "variable" || storage.kind === "input" ? storage.name : b.name);
  }

  print(depth: number): string {
    const p = this.program, pad = indent(depth);
    const symbols = this.object(p.symbols.map((s) => [s, this.symbol(s)]));
    const used = usedBuffers(p);
    const viewed = p.buffers.filter((b) => used.has(b.id));
    const views = viewed.flatMap((b) => this.view(b));
    const memory = this.object([
      ...(viewed.some((b) => b.storage.kind === "arena") ? ["arena", "at"] : []),
      ...(viewed.some((b) => b.storage.kind === "variable") ? ["variables"] : []),
    ].map((w) => [w, w]));
    const steps = this.steps(p.steps, depth + 3);
    const inputs = this.list(p.inputs);
    const outputs = this.list(p.outputs);
    return [
      `${pad}// ${this.signature()}`,
      `${pad}${propertyKey(p.name)}: {`,
      `${pad}  arena: (${symbols === "{}" ? "" : symbols}) => [${p.slots.map((s) => this.slotBytes(s.bytes)).join(", ")}],`,
      `${pad}  restore: [${variablesAtRisk(p).map((v) => JSON.stringify(v)).join(", ")}],`,
      `${pad}  bind(${symbols}, ${memory}) {`,
      ...views.map((v) => `${pad}    ${v}`),
      `${pad}    return (${p.inputs.length > 0 ? inputs : ""}) => {`,
      ...steps,
      `${pad}      return ${outputs};`,
      `${pad}    };`,
      `${pad}  },`,
      `${pad}},`,
    ].join("\n");
  }

  private signature(): string {
    const type = (id: BufferId): string => typeText(this.buffers.get(id)!.type);
    const list = (values: readonly { name: string; buffer: BufferId }[]): string => values.map((v) => `${v.name}: ${type(v.buffer)}`).join(", ");
    return `${this.program.name}(${list(this.program.inputs)}) -> ${this.program.outputs.length > 0 ? list(this.program.outputs) : "()"}`;
  }

  private slotBytes(bytes: readonly Dim[]): string {
    if (bytes.length === 0) return "0";
    return bytes.length === 1 ? this.dim(bytes[0]).text : call("Math.max", ...bytes.map((b) => this.dim(b))).text;
  }

  /** `{ x, label: label_2 }`, as a pattern or as a literal. */
  private object(entries: readonly (readonly [string, string])[]): string {
    if (entries.length === 0) return "{}";
    return `{ ${entries.map(([key, name]) => (propertyKey(key) === name ? name : `${propertyKey(key)}: ${name}`)).join(", ")} }`;
  }

  /** `[x, label_2]`, as a pattern or as a literal. */
  private list(values: PlannedProgram["outputs"]): string { return `[${values.map((v) => this.array(v.buffer)).join(", ")}]`; }

  /** The declaration of a buffer's typed array, where it needs one here. */
  private view(b: Buffer): string[] {
    const array = arrayName(b.type.dtype), size = this.dim(sizeOf(b.type)).text;
    switch (b.storage.kind) {
      case "input": return [];
      case "variable": return [`const ${this.array(b.id)} = variables[${JSON.stringify(b.storage.name)}];`];
      case "constant":
        if (typeof b.storage.data !== "number") return [];
        return [`const ${this.array(b.id)} = new ${array}(${size})${Object.is(b.storage.data, 0) ? "" : `.fill(${literal(stored(b.type.dtype, b.storage.data)).text})`};`];
      case "arena":
        if (b.storage.slot === null) throw new Error(`internal: buffer ${b.name} of ${this.program.name} has no place in the arena`);
        return [`const ${this.array(b.id)} = new ${array}(arena, at[${b.storage.slot}], ${size});`];
    }
  }

  /** Inputs are the caller's own arrays, and constants are shared by all calls. */
  private checkWrites(s: Extract<Step, { kind: "kernel" }>): void {
    const { name, args } = this.program.kernels[s.kernel];
    for (const [i, { access }] of args.entries()) {
      const b = this.buffers.get(s.args[i]);
      if (access !== "read" && (b?.storage.kind === "input" || b?.storage.kind === "constant"))
        throw new Error(`internal: kernel ${name} of ${this.program.name} writes ${b.storage.kind} ${b.name}`);
    }
  }

  private steps(steps: readonly Step[], depth: number): string[] {
    const pad = indent(depth);
    return steps.flatMap((s): string[] => {
      switch (s.kind) {
        case "kernel": {
          this.checkWrites(s);
          const args = [...s.args.map((id) => this.array(id)), ...this.program.kernels[s.kernel].scalars.map(this.symbol)];
          return [`${pad}${this.scope.kernel(s.kernel)}(${args.join(", ")});`];
        }
        case "copy": return [`${pad}${this.array(s.to)}.set(${this.array(s.from)});`];
        case "cond": return [
          `${pad}if (${this.array(s.pred)}[0]) {`, ...this.steps(s.then, depth + 1),
          ...(s.otherwise.length > 0 ? [`${pad}} else {`, ...this.steps(s.otherwise, depth + 1)] : []),
          `${pad}}`,
        ];
        case "while": return [
          `${pad}for (;;) {`, ...this.steps(s.test, depth + 1), `${pad}  if (!${this.array(s.pred)}[0]) break;`, ...this.steps(s.body, depth + 1), `${pad}}`,
        ];
        case "for": {
          const i = this.symbol(s.counter), length = this.dim(s.length);
          const head = s.reverse ? `let ${i} = ${length.text} - 1; ${i} >= 0; ${i}--` : `let ${i} = 0; ${i} < ${length.text}; ${i}++`;
          return [`${pad}for (${head}) {`, ...this.steps(s.body, depth + 1), `${pad}}`];
        }
      }
    });
  }
}

/** Buffers that a step or an output of a program mentions. */
export function usedBuffers(program: PlannedProgram): ReadonlySet<BufferId> {
  const used = new Set<BufferId>(program.outputs.map((o) => o.buffer));
  const visit = (steps: readonly Step[]): void => {
    for (const s of steps) {
      switch (s.kind) {
        case "kernel": for (const id of s.args) used.add(id); break;
        case "copy": used.add(s.from).add(s.to); break;
        case "cond": used.add(s.pred); visit(s.then); visit(s.otherwise); break;
        case "while": used.add(s.pred); visit(s.test); visit(s.body); break;
        case "for": visit(s.body); break;
      }
    }
  };
  visit(program.steps);
  return used;
}
