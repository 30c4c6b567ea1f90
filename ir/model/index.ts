/** `defineModel` and what a model is declared with. */
export { defineModel, type ModelBuilder, type ModelOptions } from "./model.ts";
export type { Float, Layer, LayerClass, Scope, VariableOptions } from "./scope.ts";
export type { FunctionOptions, InputSpecs, InputsOf, Outputs, Returned, Update } from "./function.ts";
export type { LossResult, TrainStepOptions } from "./train.ts";
export { bf16, bool, f16, f32, f64, i32, u32, u8, type InputSpec } from "./spec.ts";
export { assign, isTraining, latest } from "./trace.ts";
