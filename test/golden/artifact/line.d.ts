// line, built by chainrule 0.1.0.
import type { CallOptions, LoadOptions, ModelBase, SyncFunctions, Tensor, TensorInput } from "./runtime.js";

/** The variables of line. */
export interface LineVariables {
  /** parameter, f32[3,1] */
  "w": Tensor<"f32", readonly [3, 1]>;
  /** parameter, f32[1] */
  "fc.bias": Tensor<"f32", readonly [1]>;
  /** state, i32[] */
  "steps": Tensor<"i32", readonly []>;
}
export type ParameterName = "w" | "fc.bias";
export type StateName = "steps";

/** The functions of line. B is from 1 to 4096. */
export interface LineFunctions {
  predict(inputs: {
    /** f32[B,3] */
    readonly x: TensorInput<"f32", readonly [number, 3]>;
  }, options?: CallOptions<{ y: "f32" }>): Promise<{
    /** f32[B,1] */
    readonly y: Tensor<"f32", readonly [number, 1]>;
  }>;
  train(inputs: {
    /** f32[B,3] */
    readonly x: TensorInput<"f32", readonly [number, 3]>;
    /** f32[B,1] */
    readonly y: TensorInput<"f32", readonly [number, 1]>;
    /** f32[] */
    readonly lr: TensorInput<"f32", readonly []>;
  }, options?: CallOptions<{ loss: "f32" }>): Promise<{
    /** f32[] */
    readonly loss: Tensor<"f32", readonly []>;
  }>;
}

/** line, loaded: its functions and its variables. */
export interface Line extends ModelBase<LineVariables>, LineFunctions {
  readonly functions: LineFunctions;
  /** The functions again, returning at once. */
  readonly sync: SyncFunctions<LineFunctions>;
}

/** Makes a model with variables of its own. Rejects where the artifact is damaged or `options` do not fit it. */
export declare function load(options?: LoadOptions): Promise<Line>;
