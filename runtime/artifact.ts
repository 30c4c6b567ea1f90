/** What generated modules import; `runtime.js` of an artifact has those of these that it uses. */
export { createLoader } from "./load.ts";
export { readWeights, verifyFiles } from "./integrity.ts";
