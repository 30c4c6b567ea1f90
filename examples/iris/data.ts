import { readFileSync } from "node:fs";
import { tensor } from "chainrule/runtime";

export const species = ["setosa", "versicolor", "virginica"] as const;
/** Mean and standard deviation of sepal length, sepal width, petal length and petal width, in cm. */
export const mean = [5.8433, 3.0573, 3.758, 1.1993], deviation = [0.8253, 0.4344, 1.7594, 0.7597];

/** Measurements as the model takes them: less their mean, over their deviation. */
export const standardized = (cm: ArrayLike<number>): Float32Array => Float32Array.from(cm, (v, i) => (v - mean[i % 4]) / deviation[i % 4]);

/** Fisher's 150 flowers: `x` of shape [150, 4], standardized, and `label`, the index of the species. */
export function iris() {
  const read = (name: string): Buffer => readFileSync(new URL(`./data/${name}`, import.meta.url));
  const features = read("features.f32");
  const cm = Float32Array.from({ length: features.length / 4 }, (_, i) => features.readFloatLE(4 * i));
  return { x: tensor(standardized(cm), [-1, 4]), label: tensor(Int32Array.from(read("labels.u8")), [-1]) };
}
