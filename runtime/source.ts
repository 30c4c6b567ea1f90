import type { WeightsSource } from "./types.ts";

/** Node's file system, where there is one. Asked for at run time, so that bundlers for the browser see no import. */
export const fileSystem = (): typeof import("node:fs") | undefined => globalThis.process?.getBuiltinModule?.("node:fs");

/** The bytes of weights. Throws where there are none to be had. */
export async function readBytes(source: WeightsSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (typeof source !== "string" && !(source instanceof URL)) return new Uint8Array(source);
  const text = String(source), fs = fileSystem();
  if (fs && !/^(https?|data|blob):/.test(text)) {
    if (!fs.existsSync(text.startsWith("file:") ? new URL(text) : text)) throw new Error(`there is no file ${text}`);
    return fs.readFileSync(text.startsWith("file:") ? new URL(text) : text);
  }
  const response = await fetch(source);
  if (!response.ok) throw new Error(`cannot load ${text}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
