export { assemble } from "./assemble.ts";
export { printGlue } from "./glue.ts";
export { printWat, type WatModule } from "./module.ts";
