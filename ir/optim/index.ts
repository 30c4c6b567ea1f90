/** Optimizers, as updates of the graph: formulas, defaults and state names are PyTorch's. */
export { sgd, type SgdOptions } from "./sgd.ts";
export { adam, adamw, type AdamOptions } from "./adam.ts";
export { adafactor, type AdafactorOptions } from "./adafactor.ts";
export { adadelta, adagrad, rmsprop, type AdadeltaOptions, type AdagradOptions, type RmspropOptions } from "./adaptive.ts";
export { muon, type MuonOptions } from "./muon.ts";
export { rprop, type RpropOptions } from "./rprop.ts";
export { adamax, asgd, lion, nadam, radam, type AdamaxOptions, type AsgdOptions, type LionOptions, type NadamOptions, type RadamOptions } from "./variants.ts";
export { clipGradNorm, clipGradValue, totalNorm } from "./clip.ts";
export { gradScaler, type GradScaler, type GradScalerOptions } from "./scaler.ts";
export * from "./schedules.ts";
export { reduceLROnPlateau, type Plateau, type PlateauOptions } from "./plateau.ts";
export { average, type Averaged, type AverageOptions } from "./average.ts";
export type { Hyper, Optimizer, Schedule } from "./optimizer.ts";
