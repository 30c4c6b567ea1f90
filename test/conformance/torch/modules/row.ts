import type { Float, Layer, Tensor } from "chainrule";
import type { Arguments } from "../arguments.ts";

/** Makes a layer on the parameters of the case. */
export type Make = <T>(layer: Layer<T, Float>) => T;

/** One PyTorch module: the parameters of its call, and the results of a layer made from the constructor's arguments. */
export interface ModuleRow {
  readonly signature: string;
  readonly call: (construct: Arguments, make: Make, call: Arguments) => readonly Tensor[];
}
export type ModuleTable = Readonly<Record<string, ModuleRow>>;
