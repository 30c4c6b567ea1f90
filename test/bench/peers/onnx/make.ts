/** Writes the ONNX files beside this one: `npx tsx test/bench/peers/onnx/make.ts`. */
import { writeFileSync } from "node:fs";
import { models } from "./models.ts";
import { encodeModel } from "./proto.ts";

for (const graph of models) writeFileSync(new URL(`${graph.name}.onnx`, import.meta.url), encodeModel(graph));
