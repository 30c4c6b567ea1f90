/** Random numbers, the same bits on every target: `random.uniform({ shape: ["B", 64], key })`. */
export { bernoulli, bits, foldIn, nextKey, normal, randint, uniform, type DrawOptions } from "./distributions.ts";
