import type Binaryen from "binaryen";
import { resolveStandIns, withStandIns } from "./fused.ts";

export interface Assembled {
  readonly code: Uint8Array;
  /** Where its multiply-adds are that can be one instruction (see {@link resolveStandIns}). */
  readonly fused: readonly number[];
}

/** Assembles a module's text. Loads binaryen when first called: those who only want JavaScript do not wait for it. */
export async function assemble(text: string): Promise<Assembled> {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.parseText(withStandIns(text));
  try {
    const { SIMD128, BulkMemory, BulkMemoryOpt, SignExt, NontrappingFPToInt, MutableGlobals } = binaryen.Features;
    // not all features: the encodings of some are newer than the engines that must read this
    module.setFeatures(SIMD128 | BulkMemory | BulkMemoryOpt | SignExt | NontrappingFPToInt | MutableGlobals);
    if (!module.validate()) throw new Error("internal: the WebAssembly text is not valid");
    tidyLocals(binaryen, module);
    const code = module.emitBinary();
    return { code, fused: resolveStandIns(code) };
  } finally {
    module.dispose();
  }
}

/** What the passes below take grows with the square of the number of locals. Only functions of programs have more, and few gain. */
const mostLocals = 500;

/**
 * The text names every value; the binary needs few of these names, and is a fifth smaller (gzipped) with values used
 * where they are computed and locals used again. Engines compile both to the same instructions.
 */
function tidyLocals(binaryen: typeof Binaryen, module: Binaryen.Module): void {
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const f = module.getFunctionByIndex(i), { module: importedFrom, vars } = binaryen.getFunctionInfo(f);
    if (!importedFrom && vars.length <= mostLocals) module.runPassesOnFunction(f, ["simplify-locals", "vacuum", "coalesce-locals", "reorder-locals", "vacuum"]);
  }
}
