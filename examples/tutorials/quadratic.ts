/** A quadratic with two weights, for two values of the b that it is not free to choose. */
import { writeFileSync } from "node:fs";
import { linePlot } from "chainrule/runtime";
import { load } from "./dist/quadratic/quadratic.js";

const points = [{ x: 1, y: 2 }, { x: 2, y: 4 }, { x: 3, y: 6 }];

async function train(b: number) {
  const model = await load();
  model.write("b", b);
  const before = (await model.predict({ x: 4 })).y.item();
  const slopes: number[][] = [], losses: number[] = [], rows: number[][] = [];
  for (let epoch = 0; epoch < 100; epoch++) {
    for (const point of points) {
      const { slope1, slope2 } = await model.step(point);
      slopes.push([slope1.item(), slope2.item()]);
    }
    losses.push((await model.measure(points[2])).loss.item());
    if (epoch % 10 === 0 || epoch === 99) rows.push([epoch, model.read("w1").item(), model.read("w2").item(), losses[epoch]]);
  }
  return { before, slopes, losses, rows };
}

export const results = { b10: await train(10), b3: await train(3) };
for (const [name, { rows }] of Object.entries(results)) {
  console.log(name.replace("b", "b = "));
  for (const [epoch, w1, w2, loss] of rows) console.log(`  epoch ${String(epoch).padStart(2)}   w1 ${w1.toFixed(4).padStart(8)}   w2 ${w2.toFixed(4).padStart(8)}   loss ${loss.toExponential(3)}`);
}
const { b10, b3 } = results;
writeFileSync(new URL("./dist/quadratic.svg", import.meta.url), linePlot({ "b = 10": b10.losses, "b = 3": b3.losses }, { title: "w2·x² + w1·x + b", xLabel: "epoch", yLabel: "loss", log: true }));
export const summary = `with b = 10, w1 is ${b10.rows[10][1].toFixed(4)} and w2 is ${b10.rows[10][2].toFixed(4)}; with b = 3, ${b3.rows[10][1].toFixed(4)} and ${b3.rows[10][2].toFixed(4)}`;
