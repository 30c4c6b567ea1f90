import type { Device, DeviceMaker, DeviceOptions } from "./device.ts";
import { checkFormat, type ModelSpec } from "./manifest.ts";
import { ModelOnHost } from "./model.ts";
import { readBytes } from "./source.ts";
import { suggest } from "./suggest.ts";
import { mostThreads } from "./threads/team.ts";
import type { DeviceName, LoadedModel, LoadOptions } from "./types.ts";

/** What a generated module hands to the runtime. */
export interface Artifact {
  readonly spec: ModelSpec;
  /** What makes each device that it was built for. */
  readonly devices: Readonly<Partial<Record<DeviceName, DeviceMaker>>>;
  /** Rejects where a file of the artifact is not what was built. */
  readonly verify?: () => Promise<void>;
  /** Gets the safetensors file with the values that no seed makes. */
  readonly weights?: () => Promise<Uint8Array>;
}

const options = ["device", "seed", "threads", "weights"];
const knownDevices = ["js", "wasm", "webgpu"];

/**
 * Makes the `load` function of an artifact. It rejects where the artifact is damaged, incomplete or of a newer
 * format, where a device is asked for that the artifact was not built for, and where weights do not fit.
 */
export const createLoader = (artifact: Artifact) => async (given: LoadOptions = {}): Promise<LoadedModel> => {
  const { spec } = artifact;
  checkFormat(spec, `the artifact ${spec.name}`);
  for (const name of Object.keys(given))
    if (!options.includes(name)) throw new Error(`load has no option "${name}"${suggest(name, options)}`);
  const { device = "auto", seed = 0, threads = 1, weights } = given;
  checkDevice(device, spec);
  if (threads !== "auto" && !(Number.isInteger(threads) && threads >= 1 && threads <= mostThreads)) throw new Error(`threads are "auto" or a number from 1 to ${mostThreads}, not ${String(threads)}`);
  await artifact.verify?.();
  const model = new ModelOnHost(spec, await makeDevice(device, artifact, { threads }), seed, await artifact.weights?.());
  if (weights !== undefined) model.overlay(await readBytes(weights), typeof weights === "string" || weights instanceof URL ? String(weights) : "weights");
  // `functions` are on the model too, but its class does not know their names
  return Object.assign(model, model.functions);
};

function checkDevice(device: string, spec: ModelSpec): void {
  if (device === "auto" || spec.devices.includes(device)) return;
  const has = `this artifact was built for: ${spec.devices.join(", ")}`;
  throw new Error(knownDevices.includes(device) ? `device "${device}" is not available: ${has}` : `there is no device "${device}"${suggest(device, ["auto", ...knownDevices])}; ${has}`);
}

/** The device asked for; or the first of the artifact's that this engine has what it takes for, and a word if that is not the best. */
async function makeDevice(wanted: string, { spec, devices }: Artifact, options: DeviceOptions): Promise<Device> {
  const reasons: string[] = [];
  for (const name of wanted === "auto" ? spec.devices : [wanted]) {
    const device = await devices[name as DeviceName]?.(spec, options);
    if (device === undefined) continue;
    if ("unavailable" in device) {
      reasons.push(`${name}: ${device.unavailable}`);
      continue;
    }
    if (reasons.length > 0) console.warn(`${spec.name} runs on ${name} (not on ${reasons.join("; not on ")})`);
    if (typeof options.threads === "number" && options.threads > 1 && device.oneThread !== undefined)
      console.warn(`${spec.name} runs on 1 thread (not on ${options.threads}: ${device.oneThread})`);
    return device;
  }
  throw new Error(`${spec.name} cannot run here: ${reasons.join("; ")}`);
}
