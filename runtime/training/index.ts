/** Training loops over compiled steps: data, `fit`, and ways to see how it went. None of it is in an artifact. */
export { batches, rowsOf, split, takeRows, tensor, type Dataset } from "./batches.ts";
export { evaluate, fit, type EarlyStopping, type FitOptions, type Step } from "./fit.ts";
export { History, type EpochRecord, type Metrics } from "./history.ts";
export { linePlot, sparkline, type PlotOptions, type Series } from "./plot.ts";
export type { ProgressOption } from "./progress.ts";
