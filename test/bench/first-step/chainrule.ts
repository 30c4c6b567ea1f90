/** Prints how long the first training step of a built model takes, from its import on. */
import type { LoadedModel, LoadOptions } from "chainrule/runtime";

const x = Float32Array.from({ length: 64 * 1000 }, (_, i) => Math.sin(i)), y = Float32Array.from({ length: 64 * 10 }, (_, i) => Math.cos(i));

const start = performance.now();
const { load } = await import(process.argv[2]) as { load: (options: LoadOptions) => Promise<LoadedModel> };
const net = await load({ device: "wasm", seed: 1 });
const { loss } = await net.functions.train({ x, y });
const end = performance.now();

if (!(loss.item() > 0)) throw new Error(`the loss is ${loss.item()}`);
console.log(end - start);
