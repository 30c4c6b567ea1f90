/** A loop whose length depends on its data, and the derivative through it. */
import { load } from "./dist/doubling/doubling.js";

const model = await load();
const starts = [[0.62568915, 0.77382386, -1.3718914], [-1.6820903, 0.64158577, 1.2758664], [0.01, -0.02, 0.005]];

export const runs: { y: number[]; norm: number; trips: number; gradient: number[] }[] = [];
for (const x of starts) {
  const { y, norm, trips, gradient } = await model.run({ x, vector: [0.1, 1, 0.0001] });
  runs.push({ y: y.toNested(), norm: norm.item(), trips: trips.item(), gradient: gradient.toNested() });
  console.log(`doubled ${trips.item()} times: ${y.toNested().map((v) => v.toFixed(2)).join(", ")}   norm ${norm.item().toFixed(2)}   gradient ${gradient.toNested().map((v) => Number(v.toPrecision(5))).join(", ")}`);
}
export const summary = `the norm passes 1000 after ${runs.map((r) => r.trips).join(", ")} doublings; the gradient of the second is ${runs[1].gradient.map((v) => Number(v.toPrecision(5))).join(", ")}`;
