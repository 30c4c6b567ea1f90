/** chainrule: declare a model as a static graph. `chainrule build` compiles it; see `chainrule/compiler` for the compiler itself. */
export { assign, bf16, bool, defineModel, f16, f32, f64, i32, isTraining, latest, u32, u8 } from "./model/index.ts";
export type { Float, FunctionOptions, InputSpec, InputSpecs, InputsOf, Layer, LayerClass, LossResult, ModelBuilder, ModelOptions, Outputs, Returned, Scope, TrainStepOptions, Update, VariableOptions } from "./model/index.ts";
export { checkpoint, cond, scan, whileLoop, type ScanOptions, type Structure, type WhileOptions } from "./control/index.ts";
export { custom, grad, jvp, stopGradient, valueAndGrad, vjp, type CustomContext, type CustomDefinition, type DerivativeOptions } from "./derivatives/index.ts";
export * as nn from "./nn/index.ts";
export * as losses from "./losses/index.ts";
export * as optim from "./optim/index.ts";
export * as linalg from "./linalg/index.ts";
export * as init from "./init/init.ts";
export * as random from "./random/index.ts";
export * from "./tensor/index.ts";
export { GraphError, type Model, type SourceLocation } from "./graph/index.ts";
export { finfo, type Dim, type DType, type FloatInfo, type Shape } from "./types/index.ts";
