import { evaluate, fit, split, takeRows, tensor, type FitOptions, type History, type Step, type TensorLike } from "chainrule/runtime";
import { replay, torchRun } from "../common/torch-run.ts";
import { digits } from "../digits/data.ts";

interface Images extends Record<string, TensorLike> { readonly x: ReturnType<typeof digits>["x"] }

/** What training needs of the compiled model. */
export interface Trainable {
  readonly train: Step<Pick<Images, "x">>;
  readonly evaluate: Step<Pick<Images, "x">>;
}
/** What the comparison needs: steps with noise that is given. */
export interface Comparable {
  trainWith(inputs: { readonly x: TensorLike<"f32", readonly [number, 64]>; readonly noise: TensorLike<"f32", readonly [number, 2]> }): Promise<Readonly<Record<string, TensorLike>>>;
}

/** The run has the noise of each step too, `[32, 2]`. */
export const run = torchRun<{ readonly noise: readonly (readonly number[])[] }>("vae-digits");

/** The first losses of a model that was loaded with the weights of the run. */
export const firstLosses = (model: Comparable): Promise<number[]> =>
  replay(run, (rows, i) => model.trainWith({ x: takeRows(digits(), rows).x, noise: tensor(Float32Array.from(run.noise[i]), [-1, 2]) }));

/** Trains on four fifths of the images. The loss is that on the others, which are always the same; the seed decides the batches. */
export async function trainVae(model: Trainable, { seed, epochs = 60, progress = "auto" }: { readonly seed: number } & Pick<Partial<FitOptions>, "epochs" | "progress">): Promise<{ history: History; loss: number }> {
  const [data, test] = split({ x: digits().x }, 0.8, { seed: 1 });
  const history = await fit({ step: model.train, data, epochs, seed, progress, validation: { step: model.evaluate, data: test, batchSize: 360 } });
  return { history, loss: (await evaluate(model.evaluate, test, 360))["loss"] };
}
