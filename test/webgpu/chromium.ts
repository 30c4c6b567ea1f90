import { existsSync } from "node:fs";
import { chromium as playwright, type Browser } from "playwright-core";

/** What makes a headless Chromium offer WebGPU on SwiftShader. */
const flags = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan,WebGPU", "--use-vulkan=swiftshader", "--disable-vulkan-surface", "--ignore-gpu-blocklist"];

/** A headless Chromium: of the npm package, or Debian's. Or why there is none. */
export async function launchChromium(): Promise<Browser | string> {
  const reasons: string[] = [];
  for (const find of [packed, debian]) {
    const found = await find().catch((e: unknown) => ({ reason: e instanceof Error ? e.message : String(e) }));
    if ("reason" in found) { reasons.push(found.reason); continue; }
    try {
      return await playwright.launch({ executablePath: found.path, args: [...flags], headless: true });
    } catch (e) {
      reasons.push(`${found.path} does not start: ${e instanceof Error ? e.message.split("\n")[0] : String(e)}`);
    }
  }
  return reasons.join("; ");
}

type Found = { readonly path: string } | { readonly reason: string };

async function debian(): Promise<Found> {
  const path = "/usr/bin/chromium";
  return existsSync(path) ? { path } : { reason: "there is no Debian chromium" };
}

async function packed(): Promise<Found> {
  const { default: chromium } = await import("@sparticuz/chromium");
  return { path: await chromium.executablePath() };
}
