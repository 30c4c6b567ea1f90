export { printFunction, printModel, printNode, type PrintOptions } from "./print.ts";
export { parseFunction, parseModel } from "./parse.ts";
