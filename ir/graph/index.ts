export * from "./node.ts";
export * from "./build.ts";
export * from "./walk.ts";
export * from "./error.ts";
export * from "./location.ts";
export * from "./misuse.ts";
