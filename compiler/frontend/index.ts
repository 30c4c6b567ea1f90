export * from "./diagnostic.ts";
export { findModelFiles, modelPattern } from "./find.ts";
export { diagnose, loadModels, type Loaded, type LoadedModel } from "./load.ts";
export { showDiagnostics, shownPath, type ShowOptions } from "./show.ts";
export { closest } from "./suggest.ts";
