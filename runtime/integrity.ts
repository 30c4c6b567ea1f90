import { checkFormat, type Manifest, type ModelSpec } from "./manifest.ts";
import { fileSystem, readBytes } from "./source.ts";

/** SHA-256 in hexadecimal, or undefined where the platform has none (a page that was not loaded over https). */
async function sha256(bytes: Uint8Array): Promise<string | undefined> {
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
  if (!fs || !url.startsWith("file:") || ![".kernels.js", ".wasm"].some((kernels) => fs.existsSync(beside(name + kernels)))) return;
  if (!fs.existsSync(beside("manifest.json"))) throw new Error(`the artifact of ${name} is incomplete: manifest.json is missing`);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(fs.readFileSync(beside("manifest.json"), "utf8")) as Manifest;
  } catch {
    throw new Error(`the artifact of ${name} is damaged: manifest.json is no JSON`);
  }
  checkFormat(manifest, "manifest.json");
  for (const [file, { sha256: want }] of Object.entries(manifest.files ?? {})) {
    if (!/\.(js|wasm|safetensors)$/.test(file)) continue;
    if (!fs.existsSync(beside(file))) throw new Error(`the artifact of ${name} is incomplete: ${file} is missing`);
    if ((await sha256(fs.readFileSync(beside(file)))) !== want) throw new Error(`the artifact of ${name} is damaged: ${file} is not the file that was built; build it again`);
  }
}

/** The file with initial values, if it is the one that was built. */
export async function readWeights(source: URL | Uint8Array, { name, weights }: ModelSpec): Promise<Uint8Array> {
  const bytes = await readBytes(source), hash = await sha256(bytes);
  if (hash !== undefined && hash !== weights?.sha256) throw new Error(`${weights?.file ?? "the weights"} of ${name} is damaged, or of another build; build it again`);
  return bytes;
}
