/** Control flow on closures: `cond`, `whileLoop`, `scan`, `checkpoint`. */
export { checkpoint } from "./checkpoint.ts";
export { cond } from "./cond.ts";
export { whileLoop, type WhileOptions } from "./while.ts";
export { scan, type ScanOptions } from "./scan.ts";
export type { Structure } from "./structure.ts";
