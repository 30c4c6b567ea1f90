export { checkFirst } from "./checks.ts";
export { lower } from "./lower.ts";
