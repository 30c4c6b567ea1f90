/** Training loops over compiled steps: data, `fit`, and ways to see how it went. None of it is in an artifact. */
export { batches, split } from "./batches.ts";
export { rowsOf, takeRows, tensor, type Dataset, type DTypeOf, type FullShape, type RowsOf } from "./dataset.ts";
export { evaluate, fit, type EarlyStopping, type FitOptions, type Step } from "./fit.ts";
export { History, type EpochRecord, type Metrics } from "./history.ts";
export { linePlot, sparkline, type PlotOptions, type Series } from "./plot.ts";
export type { ProgressOption } from "./progress.ts";
