/** What generated modules import; `runtime.js` of an artifact has those of these that it uses. */
export { createLoader } from "./load.ts";
export { javascript } from "./javascript.ts";
export { webAssembly } from "./wasm.ts";
export { webGpu } from "./webgpu.ts";
export { halves } from "./half.ts";
export { readWeights, verifyFiles } from "./integrity.ts";
