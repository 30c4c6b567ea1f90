import { checkFormat, type Manifest } from "./manifest.ts";
import type { WeightsSource } from "./types.ts";

/** Node's file system, where there is one. Asked for at run time, so that bundlers for the browser see no import. */
const fileSystem = (): typeof import("node:fs") | undefined => globalThis.process?.getBuiltinModule?.("node:fs");

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

/** SHA-256 in hexadecimal, or undefined where the platform has none (a page that was not loaded over https). */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  const digest = await globalThis.crypto?.subtle?.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return digest && Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * Checks every file that runs against `manifest.json`, where the artifact lies in the file system as it was written.
 * (A bundler merges the files into others; the web has integrity attributes of its own.)
 */
export async function verifyFiles(moduleUrl: string, name: string): Promise<void> {
  const fs = fileSystem(), url = moduleUrl.replace(/[?#].*$/, "");
  const beside = (file: string): URL => new URL(encodeURIComponent(file), url);
  if (!fs || !url.startsWith("file:") || !fs.existsSync(beside(`${name}.kernels.js`))) return;
  if (!fs.existsSync(beside("manifest.json"))) throw new Error(`the artifact of ${name} is incomplete: manifest.json is missing`);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(fs.readFileSync(beside("manifest.json"), "utf8")) as Manifest;
  } catch {
    throw new Error(`the artifact of ${name} is damaged: manifest.json is no JSON`);
  }
  checkFormat(manifest, "manifest.json");
  for (const [file, { sha256: want }] of Object.entries(manifest.files ?? {})) {
    if (!/\.(js|safetensors)$/.test(file)) continue;
    if (!fs.existsSync(beside(file))) throw new Error(`the artifact of ${name} is incomplete: ${file} is missing`);
    if ((await sha256(fs.readFileSync(beside(file)))) !== want) throw new Error(`the artifact of ${name} is damaged: ${file} is not the file that was built; build it again`);
  }
}
