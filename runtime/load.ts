import type { DeviceMaker, DeviceOptions, GpuMaker } from "./device.ts";
import { checkFormat, type ModelSpec } from "./manifest.ts";
import { ModelOnHost } from "./model.ts";
import { readBytes } from "./source.ts";
import { suggest } from "./suggest.ts";
import { mostThreads } from "./threads/team.ts";
import type { GpuDeviceLike, GpuModel, LoadedModel, LoadOptions } from "./types.ts";

/** What a generated module hands to the runtime. */
export interface Artifact {
  readonly spec: ModelSpec;
  /** What makes each device that it was built for. */
  readonly devices: { readonly webgpu?: GpuMaker; readonly wasm?: DeviceMaker; readonly js?: DeviceMaker };
  /** Brings the floats of 16 bits, where the model has any: of an input, an output or a variable. */
  readonly halves?: () => void;
  /** Rejects where a file of the artifact is not what was built. */
  readonly verify?: () => Promise<void>;
  /** Gets the safetensors file with the values that no seed makes. */
  readonly weights?: () => Promise<Uint8Array>;
}

/** What the loader of an artifact gives: where it has shaders, maybe a model on a GPU. */
export type Loaded<A extends Artifact> = A["devices"] extends { readonly webgpu: GpuMaker } ? LoadedModel | GpuModel : LoadedModel;

const options = ["device", "relaxedSimd", "seed", "threads", "weights"];
const knownDevices = ["js", "wasm", "webgpu"];

/**
 * Makes the `load` function of an artifact. It rejects where the artifact is damaged, incomplete or of a newer
 * format, where a device is asked for that the artifact was not built for, and where weights do not fit.
 */
export const createLoader = <A extends Artifact>(artifact: A) => async (given: LoadOptions = {}): Promise<Loaded<A>> => {
  const { spec } = artifact;
  checkFormat(spec, `the artifact ${spec.name}`);
  artifact.halves?.();
  for (const name of Object.keys(given))
    if (!options.includes(name)) throw new Error(`load has no option "${name}"${suggest(name, options)}`);
  const { device = "auto", seed = 0, threads = 1, weights } = given;
  checkDevice(typeof device === "string" ? device : "webgpu", spec);
  if (threads !== "auto" && !(Number.isInteger(threads) && threads >= 1 && threads <= mostThreads)) throw new Error(`threads are "auto" or a number from 1 to ${mostThreads}, not ${String(threads)}`);
  await artifact.verify?.();
  const model = await makeModel(device, artifact, { ...given, threads, seed, initial: await artifact.weights?.() });
  if (weights !== undefined) model.overlay(await readBytes(weights), typeof weights === "string" || weights instanceof URL ? String(weights) : "weights");
  // `functions` are on the model too, but its class does not know their names
  return Object.assign(model, model.functions) as unknown as Loaded<A>;
};

function checkDevice(device: string, spec: ModelSpec): void {
  if (device === "auto" || spec.devices.includes(device)) return;
  const has = `this artifact was built for: ${spec.devices.join(", ")}`;
  throw new Error(knownDevices.includes(device) ? `device "${device}" is not available: ${has}` : `there is no device "${device}"${suggest(device, ["auto", ...knownDevices])}; ${has}`);
}

interface ModelOptions extends DeviceOptions {
  readonly seed: number;
  /** The safetensors file with the variables that no seed makes. */
  readonly initial: Uint8Array | undefined;
}

/** A model on the device asked for; or on the first of the artifact's that this engine has what it takes for, and a word if that is not the best. */
async function makeModel(wanted: string | GpuDeviceLike, artifact: Artifact, options: ModelOptions): Promise<ModelOnHost | Exclude<Awaited<ReturnType<GpuMaker>>, { unavailable: string }>> {
  const { spec } = artifact, reasons: string[] = [];
  for (const name of typeof wanted !== "string" ? ["webgpu"] : wanted === "auto" ? spec.devices : [wanted]) {
    const model = name === "webgpu"
      ? await artifact.devices.webgpu?.(spec, typeof wanted === "string" ? undefined : wanted, options.seed, options.initial)
      : await onHost(artifact, name as "wasm" | "js", options);
    if (model === undefined) continue;
    if ("unavailable" in model) {
      reasons.push(`${name}: ${model.unavailable}`);
      continue;
    }
    if (reasons.length > 0) console.warn(`${spec.name} runs on ${name} (not on ${reasons.join("; not on ")})`);
    return model;
  }
  throw new Error(`${spec.name} cannot run here: ${reasons.join("; ")}`);
}

async function onHost({ spec, devices }: Artifact, name: "wasm" | "js", options: ModelOptions): Promise<ModelOnHost | { readonly unavailable: string } | undefined> {
  const device = await devices[name]?.(spec, options), { threads, seed, initial } = options;
  if (device === undefined || "unavailable" in device) return device;
  if (typeof threads === "number" && threads > 1 && device.oneThread !== undefined)
    console.warn(`${spec.name} runs on 1 thread (not on ${threads}: ${device.oneThread})`);
  return new ModelOnHost(spec, device, seed, initial);
}
