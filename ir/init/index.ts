export * from "./init.ts";
export { fanInAndOut, gainOf, type Nonlinearity } from "./fan.ts";
export { initFunction } from "./function.ts";
