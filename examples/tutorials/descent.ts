/** Gradient descent: from w = 1 to w = 2 in a hundred passes over three points. */
import { writeFileSync } from "node:fs";
import { linePlot, sparkline } from "chainrule/runtime";
import { load } from "./dist/descent/descent.js";

const points = [{ x: 1, y: 2 }, { x: 2, y: 4 }, { x: 3, y: 6 }];
const model = await load();
const predict = async (x: number): Promise<number> => (await model.predict({ x })).y.item();

export const before = await predict(4);
console.log(`before training, 4 is taken to ${before}`);

export const slopes: number[] = [], weights: number[] = [], losses: number[] = [];
for (let epoch = 0; epoch < 100; epoch++) {
  for (const point of points) slopes.push((await model.step(point)).slope.item());
  weights.push(model.read("w").item());
  losses.push((await model.measure(points[2])).loss.item());
  if (epoch % 20 === 0) console.log(`epoch ${epoch}   w ${weights[epoch].toFixed(6)}   loss ${losses[epoch].toExponential(3)}`);
}

export const after = await predict(4);
console.log(`after training, 4 is taken to ${after}\nw ${sparkline(weights)}`);
writeFileSync(new URL("./dist/descent.svg", import.meta.url), linePlot({ loss: losses }, { title: "gradient descent", xLabel: "epoch", yLabel: "loss", log: true }));
export const summary = `4 is taken to ${before.toFixed(1)} before training, to ${after.toFixed(4)} after`;
