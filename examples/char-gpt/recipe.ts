import { evaluate, takeRows, type Step, type TensorLike } from "chainrule/runtime";
import { draw, encode, vocabulary, windows } from "../common/shakespeare.ts";
import { replay, torchRun } from "../common/torch-run.ts";

type Data = ReturnType<typeof windows>["data"];

/** What training needs of the compiled model. */
export interface Trainable {
  readonly train: Step<Data>;
  readonly evaluate: Step<Data>;
}
/** What writing needs of it. */
export interface Writer {
  step(inputs: { readonly token: number; readonly position: number; readonly temperature: number }): Promise<{ readonly chances: TensorLike<"f32"> }>;
}

/** The run has the loss on held-out text after `steps` steps. */
export const run = torchRun<{ readonly steps: number; readonly validation: number }>("char-gpt");
/** Characters that the model is trained on at once, and the most that it looks back on. */
export const context = 64;

/** The first losses of a model that was loaded with the weights of the run. */
export function firstLosses(model: Trainable): Promise<number[]> {
  const { data } = windows(context);
  return replay(run, (rows) => model.train(takeRows(data, rows)));
}

/**
 * Trains as the run of PyTorch did: 16 windows a step, each 41 from the one before. `measure` is told the loss on
 * held-out text, in nats a character, after every `every` steps.
 */
export async function trainGpt(model: Trainable, steps: number, every: number, measure: (step: number, loss: number, heldOut: number) => void): Promise<void> {
  const { data, validation } = windows(context), rows = data.tokens.shape[0];
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const { loss } = await model.train(takeRows(data, Array.from({ length: 16 }, (_, i) => ((16 * step + i) * 41) % rows)));
    sum += loss.data[0];
    if ((step + 1) % every !== 0) continue;
    measure(step + 1, sum / every, (await evaluate(model.evaluate, validation, 32))["loss"]);
    sum = 0;
  }
}

/**
 * Continues a text until it is `context` characters long: each character is read once, and what it adds to the cache
 * of keys and values stays there. `random` gives numbers from 0 to 1.
 */
export async function write(model: Writer, start: string, temperature: number, random: () => number): Promise<string> {
  const tokens = [...encode(start)];
  for (let position = 0; position < context - 1; position++) {
    const { chances } = await model.step({ token: tokens[position], position, temperature });
    if (position + 1 === tokens.length) tokens.push(draw(chances.data, random()));
  }
  return tokens.map((token) => vocabulary[token]).join("");
}
