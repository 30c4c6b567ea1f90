import type { GraphFunction, Model } from "../../ir/graph/index.ts";
import { printFunction } from "../../ir/text/index.ts";
import { typeText } from "../../ir/types/index.ts";
import { printJs } from "../codegen/js/index.ts";
import { printWat } from "../codegen/wat/index.ts";
import { printWgsl } from "../codegen/wgsl/index.ts";
import { printKernel, type Kernel } from "../loops/index.ts";
import { compileFunction, type Stages } from "../pipeline.ts";
import { printPlan } from "../plan/index.ts";
import type { BufferId, Program, Step } from "../plan/program.ts";
import type { MemoryBudget } from "../recompute/index.ts";
import { opsByLine } from "../report/index.ts";
import { memoryText } from "./memory.ts";

/** The stages that can be printed, in the order of the pipeline, each with what it shows. */
export const stageNames = {
  graph: "the function as declared",
  autodiff: "derivatives replaced by graphs",
  simplify: "after algebra, common subexpressions and dead code",
  fuse: "the kernels and the steps that call them",
  loops: "each kernel as a tree of loops",
  plan: "where each buffer lives in the arena",
  wat: "the WebAssembly kernels and the functions that call them",
  js: "the JavaScript kernels",
  wgsl: "the shaders, and the functions that run them",
} as const;
export type StageName = keyof typeof stageNames;
export const isStageName = (name: string): name is StageName => Object.hasOwn(stageNames, name);

/** Functions of a model after a stage, as text. */
export function stageText(model: Model, functions: readonly GraphFunction[], stage: StageName, memory?: MemoryBudget): string {
  if (stage === "graph") return functions.map((fn) => printFunction(fn, { locations: true, maxElements: 16 })).join("\n");
  const compiled = functions.map((fn) => compileFunction(fn, stage === "wat" ? "wasm" : stage === "wgsl" ? "webgpu" : "js", memory, model.symbols));
  if (stage === "js") return printJs(compiled.map((c) => c.plan), model);
  if (stage === "wgsl") return printWgsl(compiled.map((c) => c.plan), model);
  if (stage === "wat") return printWat(compiled.map((c) => c.plan), model).text;
  return compiled.map((c) => textOf(c, stage)).join("\n");
}

function textOf(stages: Stages, stage: Exclude<StageName, "graph" | "js" | "wat" | "wgsl">): string {
  switch (stage) {
    case "autodiff": case "simplify": return printFunction(stages[stage], { locations: true, maxElements: 16 });
    case "fuse": return printProgram(stages.fuse);
    case "loops": return stages.fuse.kernels.map(printKernel).join("\n");
    case "plan": return stages.memory ? `${memoryText(stages.memory)}\n${printPlan(stages.plan)}` : printPlan(stages.plan);
  }
}

/** A program as text: its steps, each kernel with what it computes. */
function printProgram(program: Program): string {
  const buffers = new Map(program.buffers.map((b) => [b.id, b]));
  const name = (id: BufferId): string => buffers.get(id)!.name;
  const typed = (values: readonly { name: string; buffer: BufferId }[]): string => values.map((v) => `${v.name}: ${typeText(buffers.get(v.buffer)!.type)}`).join(", ");
  const lines = (steps: readonly Step[], indent: string): string[] => steps.flatMap((s) => {
    const inner = (body: readonly Step[]): string[] => lines(body, `${indent}  `);
    switch (s.kind) {
      case "kernel": return [`${indent}${call(program.kernels[s.kernel], s.args.map(name))}`];
      case "copy": return [`${indent}copy ${name(s.from)} to ${name(s.to)}`];
      case "cond": return [`${indent}if ${name(s.pred)}`, ...inner(s.then), `${indent}else`, ...inner(s.otherwise)];
      case "while": return [`${indent}while`, ...inner(s.test), `${indent}${name(s.pred)}, repeat`, ...inner(s.body)];
      case "for": return [`${indent}for ${s.counter} < ${s.length}${s.reverse ? ", from the last" : ""}`, ...inner(s.body)];
    }
  });
  return [`program ${program.name}(${typed(program.inputs)}) -> (${typed(program.outputs)})`, ...lines(program.steps, "  "), ...(program.notes ?? []).map((n) => `  // ${n}`), ""].join("\n");
}

function call(kernel: Kernel, args: readonly string[]): string {
  const of = (...access: readonly string[]): string => args.filter((_, i) => access.includes(kernel.args[i].access)).join(", ");
  const origins = opsByLine(kernel.origins).map(({ line, ops }) => `${ops.join(", ")} ${line}`.trimEnd());
  return `${of("write", "readwrite")} = ${kernel.kind} ${kernel.name}(${of("read", "readwrite")})  // ${origins.join("; ")}`;
}
