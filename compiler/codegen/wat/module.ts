import type { Model } from "../../../ir/graph/index.ts";
import { storedArray, type DType, type TypedArray } from "../../../ir/types/index.ts";
import type { Kernel, Origin } from "../../loops/ir.ts";
import { shareKernel, type Sharing } from "../../loops/share.ts";
import type { PlannedProgram } from "../../plan/program.ts";
import { originText } from "../js/kernel.ts";
import { Names } from "../js/names.ts";
import { NumberPool } from "./constants.ts";
import type { ModuleScope } from "./context.ts";
import { hasMultiplyAdds } from "./fused.ts";
import { importedOp, importText, type ImportedOp } from "./imports.ts";
import { kernelKey, printKernel } from "./kernel.ts";
import { aligned, layoutOf, type Layout } from "./layout.ts";
import { calledBy, libraryFunctions, type LibraryName } from "./library.ts";
import { mathFallback, mathFunctions } from "./math.ts";
import { printProgram } from "./program.ts";
import { threadFunctions, threadImport } from "./threads.ts";

/** A module's text, and what it needs from outside. */
export interface WatModule {
  readonly text: string;
  readonly layout: Layout;
  readonly imports: readonly ImportedOp[];
  /** Whether it sorts, which the host does. */
  readonly sorts: boolean;
  /** What an index that is out of range was for, by number. */
  readonly notes: readonly string[];
  /** How threads share a kernel, if they do. */
  sharingOf(kernel: Kernel): Sharing | undefined;
  /** Work that is worth a thread. */
  readonly grain: number;
}

const pageBytes = 65536;
/** All that 32-bit addresses with a sign reach. Stated in the module, as memory that threads share must have a limit. */
const mostPages = 2 ** 31 / pageBytes;

/**
 * Work (see `loops/work.ts`) that takes several times as long as it takes threads to wait for each other, which is half
 * a microsecond: below twice this, one thread is as fast.
 */
const defaultGrain = 16384;

export interface WatOptions {
  /** Work that is worth a thread. 1 shares whatever can be. */
  readonly grain?: number | undefined;
}

/**
 * Prints planned programs as one WebAssembly module. Every program is an exported function without arguments: where
 * its buffers are and how large its symbols, it reads from its table (see {@link Layout}).
 */
export function printWat(programs: readonly PlannedProgram[], model: Pick<Model, "variables">, { grain = defaultGrain }: WatOptions = {}): WatModule {
  const places = layoutOf(programs, model), numbers = new NumberPool(places.end);
  const uses = new Uses(numbers);
  const kernels = new Map<string, { readonly kernel: Kernel; readonly sharing: Sharing | undefined; readonly origins: Origin[] }>();
  const keys = new Map<Kernel, string>();
  for (const kernel of programs.flatMap((p) => p.kernels)) {
    if (kernel.sort || keys.has(kernel)) continue;
    const { key, sharing } = keyOf(kernel, uses, grain), known = kernels.get(key);
    if (known) known.origins.push(...kernel.origins);
    else kernels.set(key, { kernel, sharing, origins: [...kernel.origins] });
    keys.set(kernel, key);
  }
  const sharingOf = (kernel: Kernel): Sharing | undefined => kernels.get(keys.get(kernel) ?? "")?.sharing;
  const threaded = [...kernels.values()].some((k) => k.sharing);
  const called = [...[...uses.imports.values()].map(importText), ...libraryFunctions(uses.names), ...mathFunctions(uses.mathNames)];
  const names = new Names(["outOfRange", "sort", "barrier", "sync", "share", "thread", "threads", ...called.flatMap((text) => [...text.matchAll(/\(func \$(\w+)/g)].map((m) => m[1]))]);
  const nameOf = new Map([...kernels].map(([key, { kernel }]) => [key, names.fresh(kernel.name)]));
  const kernelTexts = [...kernels].map(([key, { kernel, sharing, origins }]) => `  ;; ${originText(origins).replace(/\s+/g, " ")}\n${printKernel(kernel, nameOf.get(key)!, uses, sharing)}`);
  const programTexts = places.tables.map((table) => {
    const kernelAt = (i: number): Kernel => table.program.kernels[i];
    return printProgram(table, places, { name: (i) => nameOf.get(keys.get(kernelAt(i))!)!, sharing: (i) => sharingOf(kernelAt(i)) }, names.fresh(table.program.name));
  });
  const sorts = programs.some((p) => p.kernels.some((k) => k.sort));
  const layout = { ...places, end: aligned(places.end + numbers.words.byteLength) };
  const imports = [
    `(import "env" "memory" (memory ${Math.ceil(layout.end / pageBytes)} ${mostPages}))`,
    ...(threaded ? [threadImport] : []),
    ...(uses.names.has("check") ? [`(import "env" "outOfRange" (func $outOfRange (param i32 i32 i32)))`] : []),
    ...(sorts ? [`(import "env" "sort" (func $sort (param i32 i32 i32 i32 i32 i32 i32 i32)))`] : []),
    ...[...uses.imports.values()].map(importText),
  ];
  const data = [
    ...layout.constants.map((c) => `  (data (i32.const ${c.address}) "${bytesText(c.dtype, c.data)}") ;; ${c.name}`),
    ...(numbers.words.length > 0 ? [`  (data (i32.const ${numbers.address}) "${bytesText("u32", numbers.words)}") ;; the numbers that loops read into all lanes`] : []),
  ];
  const code = [...mathFunctions(uses.mathNames), ...kernelTexts];
  const text = [
    `(module\n${imports.map((i) => `  ${i}`).join("\n")}`,
    ...(code.some(hasMultiplyAdds) ? ["  ;; A multiplication and an addition marked (;fused;) are one instruction where the engine has relaxed SIMD."] : []),
    ...(data.length > 0 ? [data.join("\n")] : []),
    ...(threaded ? threadFunctions : []),
    ...libraryFunctions(uses.names),
    ...code,
    ...programTexts,
  ].join("\n\n") + "\n)\n";
  return { text, layout, imports: [...uses.imports.values()], sorts, notes: uses.notes, sharingOf, grain };
}

/**
 * Text that is equal for kernels that one function can stand for, and how threads share them. What calls JavaScript
 * they do not: its functions are where the model was loaded.
 */
function keyOf(kernel: Kernel, uses: Uses, grain: number): { readonly key: string; readonly sharing: Sharing | undefined } {
  uses.callsHost = false;
  const key = kernelKey(kernel, uses);
  const sharing = uses.callsHost ? undefined : shareKernel(kernel, grain);
  // arguments that may be one buffer in one kernel may not in another of the same text
  return sharing ? { key: `${kernelKey(kernel, uses, sharing)} ${sharing.segments.map((s) => s.waits).join()}`, sharing } : { key, sharing };
}

/** What kernels call, noted while they are printed. */
class Uses implements ModuleScope {
  readonly names = new Set<LibraryName>();
  readonly mathNames = new Set<string>();
  readonly imports = new Map<string, ImportedOp>();
  readonly notes: string[] = [];
  /** Whether a call of JavaScript was printed. */
  callsHost = false;
  private readonly numbers: NumberPool;

  constructor(numbers: NumberPool) { this.numbers = numbers; }

  library(name: LibraryName): string {
    this.names.add(name);
    for (const callee of calledBy[name] ?? []) this.library(callee);
    return name;
  }
  math(name: string): string {
    this.mathNames.add(name);
    const fallback = mathFallback(name);
    if (fallback) this.imported(fallback, "f64");
    return name;
  }
  imported(op: ImportedOp["op"], operands: DType): string {
    const i = importedOp(op, operands);
    this.imports.set(i.name, i);
    this.callsHost = true;
    return i.name;
  }
  number(shape: string, lane: string): number { return this.numbers.place(shape, lane); }
  note(text: string): number {
    if (!this.notes.includes(text)) this.notes.push(text);
    return this.notes.indexOf(text);
  }
}

/** Elements in little-endian order, as a WebAssembly string. */
function bytesText(dtype: DType, data: TypedArray): string {
  return Array.from(new Uint8Array(storedArray(dtype, data).buffer), (b) => `\\${b.toString(16).padStart(2, "0")}`).join("");
}
