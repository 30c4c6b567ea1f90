import { readFileSync } from "node:fs";
import type { TensorLike } from "chainrule/runtime";

/** What PyTorch did from the same parameters: written by the script in an example's `torch` folder. */
export interface TorchRun {
  /** Version that it was. */
  readonly torch: string;
  /** For each step, the rows of the data set in its batch (of a text, where each of its excerpts starts). */
  readonly rows: readonly (readonly number[])[];
  /** The loss of each of the first steps, before its update. */
  readonly losses: readonly number[];
}

/** The run of an example, and the parameters it started from, as a safetensors file. `R` adds what else the run tells. */
export function torchRun<R extends object = object>(example: string): TorchRun & R & { readonly weights: Uint8Array } {
  const read = (name: string): Buffer => readFileSync(new URL(`../${example}/torch/${name}`, import.meta.url));
  return { ...(JSON.parse(read("run.json").toString()) as TorchRun & R), weights: read("weights.safetensors") };
}

/** Takes PyTorch's first steps, on the same batches, and returns the losses. */
export async function replay({ rows, losses }: TorchRun, step: (rows: readonly number[], index: number) => Promise<Readonly<Record<string, TensorLike>>>): Promise<number[]> {
  const found: number[] = [];
  for (const [i, batch] of rows.slice(0, losses.length).entries()) found.push((await step(batch, i))["loss"].data[0]);
  return found;
}

/** One line on how far losses are from PyTorch's. */
export function agreement(found: readonly number[], { torch, losses }: TorchRun): string {
  const apart = Math.max(...losses.map((loss, i) => Math.abs(loss - found[i])));
  return `the first ${losses.length} losses, from ${losses[0].toFixed(4)} to ${losses.at(-1)!.toFixed(4)}, are at most ${apart.toExponential(0)} from those of PyTorch ${torch}`;
}
