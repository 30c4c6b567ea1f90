export { printWgsl } from "./glue.ts";
export { checkForGpu } from "./supported.ts";
