import type { Tensor } from "chainrule";
import type { Arguments } from "./arguments.ts";

/** One PyTorch function: the parameters of its signature, and the call of chainrule's that means the same. */
export interface Row {
  readonly signature: string;
  readonly call: (a: Arguments) => Tensor | readonly Tensor[];
}

export type Table = Readonly<Record<string, Row>>;

export const row = (signature: string, call: Row["call"]): Row => ({ signature, call });

/** Values and where they were found, as the two outputs that PyTorch has. */
export const pair = ({ values, indices }: { readonly values: Tensor; readonly indices: Tensor }): Tensor[] => [values, indices];
