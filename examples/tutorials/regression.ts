/** Linear regression with a class of one's own: a line through three points, and a plane near five. */
import { writeFileSync } from "node:fs";
import { fit, linePlot, tensor, type History } from "chainrule/runtime";
import { load as loadLine } from "./dist/line/line.js";
import { load as loadPlane } from "./dist/plane/plane.js";

const line = await loadLine();
line.write("net.linear.weight", [[0.5153]]);
line.write("net.linear.bias", [-0.4414]);
const points = { x: tensor(Float32Array.of(1, 2, 3), [3, 1]), y: tensor(Float32Array.of(2, 4, 6), [3, 1]) };
const lineHistory = await fit({ step: line.train, data: points, epochs: 2000, batchSize: 3, shuffle: false, progress: "none" });
const { y } = await line.predict({ x: [[4]] });

const plane = await loadPlane();
plane.write("net.linear.weight", [[0.2975, -0.2548, -0.1119]]);
plane.write("net.linear.bias", [0.271]);
const scores = {
  x: tensor(Float32Array.of(0.73, 0.8, 0.75, 0.93, 0.88, 0.93, 0.89, 0.91, 0.9, 0.96, 0.98, 1, 0.73, 0.66, 0.7), [5, 3]),
  y: tensor(Float32Array.of(1.52, 1.85, 1.8, 1.96, 1.42), [5, 1]),
};
const planeHistory = await fit({ step: plane.train, data: scores, epochs: 500, batchSize: 5, shuffle: false, progress: "none" });
const { y: score } = await plane.predict({ x: [[0.73, 0.8, 0.75]] });

const results = (history: History, weight: number[][], bias: number[], prediction: number) => ({ losses: history.series("loss"), weight, bias, prediction });
export const lineResults = results(lineHistory, line.read("net.linear.weight").toNested(), line.read("net.linear.bias").toNested(), y.item());
export const planeResults = results(planeHistory, plane.read("net.linear.weight").toNested(), plane.read("net.linear.bias").toNested(), score.item());
for (const epoch of [0, 10, 100, 1000, 1999]) console.log(`epoch ${epoch}   loss ${lineResults.losses[epoch].toExponential(3)}`);
console.log(`4 is taken to ${lineResults.prediction.toFixed(4)}`);
writeFileSync(new URL("./dist/regression.svg", import.meta.url), linePlot({ line: lineResults.losses, plane: planeResults.losses }, { title: "linear regression", xLabel: "epoch", yLabel: "mean squared error", log: true }));
export const summary = `the line takes 4 to ${lineResults.prediction.toFixed(3)}; the plane gives the first row ${planeResults.prediction.toFixed(3)}`;
