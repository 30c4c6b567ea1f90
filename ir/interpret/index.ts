export { interpret, type Environment, type InterpretOptions, type Results } from "./interpret.ts";
export { ndarray, type Elements } from "./array.ts";
export { bindSymbols, type Binding } from "./symbols.ts";
export type { NdArray } from "../ops/index.ts";
