export { printFunction, printModel, printNode, type PrintOptions } from "./print.ts";
export { parseFunction, parseModel } from "./parse.ts";
export { attributesOf } from "./attributes.ts";
export { regionNames } from "./operands.ts";
export { Scanner } from "./scanner.ts";
