/** Assembles a module's text. Loads binaryen when first called: those who only want JavaScript do not wait for it. */
export async function assemble(text: string): Promise<Uint8Array> {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.parseText(text);
  try {
    const { SIMD128, BulkMemory, BulkMemoryOpt, SignExt, NontrappingFPToInt, MutableGlobals } = binaryen.Features;
    // not all features: the encodings of some are newer than the engines that must read this
    module.setFeatures(SIMD128 | BulkMemory | BulkMemoryOpt | SignExt | NontrappingFPToInt | MutableGlobals);
    if (!module.validate()) throw new Error("internal: the WebAssembly text is not valid");
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
