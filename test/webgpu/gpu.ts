import { join } from "node:path";
import { deviceFor } from "../../runtime/webgpu/gpu.ts";
import { findDriver } from "./swiftshader.ts";

/** RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE: the library stays, although it is no module of Node's. */
const stay = 2 | 0x100 | 0x1000;

let started: string | true | undefined;

/**
 * Gives this process `navigator.gpu`: Dawn, of the npm package `webgpu`, on a GPU of the machine's if `WEBGPU_ADAPTER`
 * is "native", else on SwiftShader. Returns true, or why there is none.
 */
export async function startGpu(): Promise<true | string> {
  return (started ??= await start());
}

async function start(): Promise<true | string> {
  if (process.env.WEBGPU_ADAPTER !== "native") {
    const driver = findDriver();
    if (typeof driver === "string") return driver;
    process.env.VK_ICD_FILENAMES = join(driver.folder, "vk_swiftshader_icd.json");
    try {
      process.dlopen({ exports: {} }, join(driver.folder, "libvulkan.so.1"), stay);
    } catch { /* it is loaded, which is all that Dawn needs to find it */ }
  }
  let dawn: { create(flags: string[]): GPU; globals: object };
  try {
    dawn = await import("webgpu") as typeof dawn;
  } catch (e) {
    return `the package webgpu cannot be loaded: ${e instanceof Error ? e.message : String(e)}`;
  }
  // on a GPU of the machine's, what browsers offer behind a flag too: subgroup matrices
  const gpu = dawn.create(process.env.WEBGPU_ADAPTER === "native" ? ["enable-dawn-features=allow_unsafe_apis"] : []);
  Object.assign(globalThis, dawn.globals);
  const { hardwareConcurrency = 1, userAgent = "node" } = (globalThis.navigator as Partial<Navigator> | undefined) ?? {};
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency, userAgent, gpu }, configurable: true });
  const adapter = await gpu.requestAdapter();
  return adapter ? true : "Dawn finds no adapter";
}

let device: Promise<GPUDevice> | undefined;

/** One device for everything in this process. Throws where there is none. */
export function sharedGpu(): Promise<GPUDevice> {
  return (device ??= (async () => {
    const found = await startGpu();
    if (found !== true) throw new Error(`no GPU to test with: ${found}`);
    const adapter = (await navigator.gpu.requestAdapter())!;
    return adapter.requestDevice(deviceFor(adapter));
  })());
}

/** Why tests that need a GPU cannot run here; undefined where they can. */
export async function whyNoGpu(): Promise<string | undefined> {
  const found = await startGpu();
  return found === true ? undefined : found;
}
