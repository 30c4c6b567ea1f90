export { bytesText } from "./format.ts";
export { reportHtml, type ReportFile } from "./html.ts";
export { bindingFor, modelStats, parameterCount, userPrograms, usualSize, type ModelStats } from "./model.ts";
export { opsByLine } from "./origins.ts";
