export * from "./ir.ts";
export { printKernel } from "./print.ts";
