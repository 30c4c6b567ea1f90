/** Index, gather, scatter and chunk, on small tensors that one can follow by eye. */
import { load } from "./dist/indexing/indexing.js";

const model = await load();
const show = (name: string, value: unknown): void => console.log(`${name.padEnd(24)}${JSON.stringify(value)}`);

const x = [[0.1427, 0.0231, -0.5414, -1.0009], [-0.4664, 0.2647, -0.1228, -1.1068], [-1.1734, -0.6571, 0.723, -0.6004]];
const { rows, columns, gradient } = await model.select({ x, indices: [0, 2] });
export const selected = { rows: rows.toNested(), columns: columns.toNested(), gradient: gradient.toNested() };
show("rows 0 and 2", selected.rows.map((r) => r.map((v) => Number(v.toFixed(4)))));
show("columns 0 and 2", selected.columns.map((r) => r.map((v) => Number(v.toFixed(4)))));

const gather = await model.gather({ x: [[1, 2], [3, 4]], indices: [[0], [1]] });
export const gathered = { diagonal: gather.diagonal.toNested(), gradient: gather.gradient.toNested() };
show("a diagonal, gathered", gathered.diagonal);
show("gradient of its squares", gathered.gradient);

const scatter = await model.scatter({ source: [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]], rows: [[0, 1, 2, 0]], columns: [[0, 1, 2], [0, 1, 4]] });
const { counts } = await model.count({ rows: [[0, 1, 2, 0, 0], [2, 0, 0, 1, 2]] });
export const scattered = { down: scatter.down.toNested(), across: scatter.across.toNested(), counts: counts.toNested() };
show("scattered down", scattered.down);
show("scattered across", scattered.across);
show("counted", scattered.counts);

const { top, bottom, left, right } = await model.chunk({ x: [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]] });
export const halves = { down: [top.toNested(), bottom.toNested()], across: [left.toNested(), right.toNested()] };
export const chunks = [await model.chunk11(), await model.chunk12(), await model.chunk13()].map((parts) => Object.values(parts).map((p) => p.toNested()));
for (const parts of chunks) show(`${parts.flat().length} in six parts`, parts);
export const summary = `the diagonal is ${gathered.diagonal.join(", ")}; 13 in six parts are ${chunks[2].length} of ${chunks[2].map((p) => p.length).join(", ")}`;
