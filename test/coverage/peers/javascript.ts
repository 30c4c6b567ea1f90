import { readFileSync, writeFileSync } from "node:fs";

/**
 * Lists the names of the JavaScript peers, for the coverage table. They are installed for the benchmarks:
 *
 *     npm install --prefix test/bench/peers && npx tsx test/coverage/peers/javascript.ts
 */
const installed = `${import.meta.dirname}/../../bench/peers/node_modules/`;
const versionOf = (name: string): string => (JSON.parse(readFileSync(`${installed}${name}/package.json`, "utf8")) as { version: string }).version;
type Names = Readonly<Record<string, unknown>>;
const functions = (of: unknown): string[] => Object.entries(of as Names).filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name)).map(([name]) => name).sort();
const write = (file: string, name: string, version: string, lists: Record<string, string[]>): void =>
  writeFileSync(`${import.meta.dirname}/${file}.json`, `${JSON.stringify({ name, version, lists }, null, 1)}\n`);

Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 1 }, configurable: true });
const jax = (await import(`${installed}@jax-js/jax/dist/index.js`)) as Readonly<Record<string, Names>>;
// what moves arrays between devices and traces functions has no counterpart in a compiler
const machinery = ["blockUntilReady", "defaultDevice", "devicePut", "getWebGPUDevice", "init", "jit", "makeJaxpr", "setDebug", "linearize"];
write("jax-js", "jax-js", versionOf("@jax-js/jax"), {
  jax: functions(jax).filter((name) => !machinery.includes(name)), "jax.numpy": functions(jax.numpy), "jax.numpy.linalg": functions(jax.numpy.linalg), "jax.numpy.fft": functions(jax.numpy.fft), "jax.nn": functions(jax.nn),
  "jax.lax": functions(jax.lax), "jax.lax.linalg": functions(jax.lax.linalg), "jax.random": functions(jax.random), "jax.scipy.special": functions(jax.scipySpecial),
});

const tf = (await import(`${installed}@tensorflow/tfjs/dist/tf.node.js`)) as { readonly default: Readonly<Record<string, Names>> };
const ops = readFileSync(`${installed}@tensorflow/tfjs-core/dist/ops/ops.d.ts`, "utf8");
const { layers, train, losses, linalg, image, initializers, signal } = tf.default;
const creators = (of: unknown): string[] => [...new Set([...functions(of), ...Object.getOwnPropertyNames(Object.getPrototypeOf(of) ?? {})])].filter((name) => name !== "constructor" && /^[a-z]/.test(name) && !name.startsWith("__")).sort();
const plain = new Set(["constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"]);
const keep = (list: string[]): string[] => list.filter((name) => !plain.has(name));
write("tfjs", "TensorFlow.js", versionOf("@tensorflow/tfjs"), {
  tf: [...new Set([...ops.matchAll(/^export \{ (\w+)(?: as (\w+))? \}/gm)].map((m) => m[2] ?? m[1]))].filter((name) => !/^(op|OP_SCOPE|print|fused|sparse|string|spectral|signal|image|linalg|losses)/.test(name)).sort(),
  "tf.layers": keep(creators(layers)), "tf.train": keep(functions(train).length > 0 ? functions(train) : Object.getOwnPropertyNames(train)), "tf.losses": functions(losses), "tf.linalg": functions(linalg), "tf.image": functions(image), "tf.initializers": keep(creators(initializers)), "tf.signal": functions(signal),
});
