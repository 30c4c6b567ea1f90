import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

/**
 * A Vulkan driver that needs no GPU: SwiftShader, from the npm package that brings it for Chromium, or from Debian's
 * chromium. Unpacked once into a folder of the system's temporary files.
 */
export interface Driver {
  /** The folder with `libvulkan.so.1` and `vk_swiftshader_icd.json`. */
  readonly folder: string;
}

/** The driver, or why there is none. */
export function findDriver(): Driver | string {
  if (process.platform !== "linux") return `SwiftShader comes for Linux, not for ${process.platform}`;
  const packed = packedFile();
  if (packed) return { folder: unpacked(packed) };
  const debian = "/usr/lib/chromium";
  if (existsSync(join(debian, "vk_swiftshader_icd.json")) && existsSync(join(debian, "libvulkan.so.1"))) return { folder: debian };
  return "there is neither the package @sparticuz/chromium nor Debian's chromium";
}

function packedFile(): string | undefined {
  try {
    // its main module is in a folder beside `bin`
    const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
    for (let folder = dirname(main); folder !== dirname(folder); folder = dirname(folder)) {
      const file = join(folder, "bin", "swiftshader.tar.br");
      if (existsSync(file)) return process.arch === "x64" ? file : undefined;
    }
  } catch { /* not installed */ }
  return undefined;
}

function unpacked(file: string): string {
  const version = (JSON.parse(readFileSync(join(dirname(file), "..", "package.json"), "utf8")) as { version: string }).version;
  const folder = join(tmpdir(), `swiftshader-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(folder)) return folder;
  const work = `${folder}-${process.pid}`;
  mkdirSync(work, { recursive: true });
  for (const { name, content } of tarFiles(brotliDecompressSync(readFileSync(file)))) writeFileSync(join(work, name), content);
  try {
    renameSync(work, folder);
  } catch { // another process was first
    rmSync(work, { recursive: true });
  }
  return folder;
}

/** The plain files of a tar archive: a header of 512 bytes each, then the content, padded to as many. */
function* tarFiles(tar: Buffer): Generator<{ name: string; content: Buffer }> {
  const text = (start: number, end: number): string => tar.toString("latin1", start, end).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = text(at, at + 100), size = parseInt(text(at + 124, at + 136), 8), type = text(at + 156, at + 157);
    if (type === "0" || type === "") yield { name: name.replace(/^.*\//, ""), content: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
