export { kernelCost, type Binding, type KernelCost } from "./cost.ts";
export { bytesText } from "./format.ts";
export { reportHtml, type ReportFile } from "./html.ts";
export { lifetimes, type Lifetime } from "./lifetimes.ts";
export { bindingFor, modelStats, parameterCount, userPrograms, usualSize, type ModelStats } from "./model.ts";
export { opsByLine } from "./origins.ts";
export { arenaBytes, programStats, type FunctionStats } from "./stats.ts";
