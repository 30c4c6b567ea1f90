/** Derivatives as tensors of the graph: `grad`, `valueAndGrad`, `vjp`, `jvp`, `stopGradient`, and `custom` rules. */
export { grad, jvp, stopGradient, valueAndGrad, vjp, type DerivativeOptions } from "./derivatives.ts";
export { custom, type CustomContext, type CustomDefinition } from "./custom.ts";
