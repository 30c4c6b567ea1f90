import { createServer, type Server } from "node:http";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { build as bundle } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../compiler/cli/run.ts";
import { typeErrors } from "../tsc.ts";
import { launchChromium } from "../webgpu/chromium.ts";
import { root } from "./build.ts";

/** `examples/digits-web`, built as a server would have it, in a real browser: it trains, and reads what is drawn. */
const page = join(root, "examples/digits-web/dist");
const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
let server: Server | undefined, browser: Browser | string = "not started";

beforeAll(async () => {
  const quiet = (): void => {};
  expect(await run(["build", "examples/digits/digits.model.ts", "--target", "all", "--minify", "--out", "examples/digits-web/model"], { cwd: root, color: false, out: quiet, err: console.error })).toBe(0);
  await bundle({ configFile: join(root, "examples/digits-web/vite.config.ts"), logLevel: "error" });
  server = createServer(({ url = "/" }, response) => {
    const file = new URL(url, "http://localhost").pathname;
    try {
      response.setHeader("content-type", types[extname(file) || ".html"] ?? "application/octet-stream").end(readFileSync(join(page, file === "/" ? "index.html" : file)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => { server!.listen(0, "localhost", done); });
  browser = await launchChromium();
}, 180_000);
afterAll(async () => {
  if (typeof browser === "object") await browser.close();
  server?.close();
});

test("script and kernels come in under 60 KB, whatever the device", () => {
  const files = readdirSync(join(page, "assets")).filter((f) => /\.(js|wasm)$/.test(f));
  expect(files.length).toBe(4);
  expect(files.reduce((sum, f) => sum + gzipSync(readFileSync(join(page, "assets", f))).length, 0)).toBeLessThan(60_000);
});

test("the page fits the types of its model", async () => {
  expect(await typeErrors("examples/digits-web")).toBe("");
}, 120_000);

/** A page on a device; or undefined where the browser does not run it, which the test then says. */
async function open(device: string): Promise<Page | string> {
  if (typeof browser === "string") return browser;
  const address = server!.address();
  const tab = await browser.newPage({ viewport: { width: 1080, height: 860 } });
  await tab.goto(`http://localhost:${typeof address === "object" ? address!.port : 0}/?device=${device}`);
  await tab.waitForFunction(() => /^Ready|cannot|not/.test(document.getElementById("status")!.textContent!), undefined, { timeout: 60_000 });
  return tab;
}

const text = async (tab: Page, id: string): Promise<string> => (await tab.locator(`#${id}`).textContent()) ?? "";

/** Draws with the mouse along points from 0 to 1. */
async function draw(tab: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const box = (await tab.locator("#pad").boundingBox())!;
  const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await tab.mouse.move(...at(points[0]));
  await tab.mouse.down();
  for (const p of points.slice(1)) await tab.mouse.move(...at(p), { steps: 12 });
  await tab.mouse.up();
}

/** A zero: an ellipse. */
const zero = Array.from({ length: 25 }, (_, i) => [0.5 + 0.22 * Math.sin((i * Math.PI) / 12), 0.5 - 0.36 * Math.cos((i * Math.PI) / 12)] as const);

describe.each(["webgpu", "wasm", "js"])("on %s", (device) => {
  test("the page trains, shows how it goes, and reads a digit that is drawn", async ({ skip }) => {
    const tab = await open(device);
    if (typeof tab === "string") return skip(tab);
    const errors: string[] = [];
    tab.on("pageerror", (e) => errors.push(e.message));
    expect(await text(tab, "status")).toMatch(/^Ready/);
    expect(await tab.locator("#device").inputValue()).toBe(device);
    await tab.locator("#train").click();
    await tab.waitForFunction(() => parseFloat(document.getElementById("accuracy")!.textContent!) >= 92, undefined, { timeout: 120_000 });
    await tab.locator("#train").click();
    expect(Number(await text(tab, "steps"))).toBeGreaterThan(25);
    expect(Number(await text(tab, "loss"))).toBeLessThan(1.5);
    await draw(tab, zero);
    await expect.poll(() => text(tab, "guess")).toBe("0");
    if (process.env.SCREENSHOTS) {
      mkdirSync(process.env.SCREENSHOTS, { recursive: true });
      await tab.screenshot({ path: join(process.env.SCREENSHOTS, `digits-${device}.png`) });
    }
    expect(errors).toEqual([]);
    await tab.close();
  }, 240_000);
});

test("a model goes on where it was on another device", async ({ skip }) => {
  const tab = await open("webgpu");
  if (typeof tab === "string") return skip(tab);
  await tab.locator("#train").click();
  await tab.waitForFunction(() => parseFloat(document.getElementById("accuracy")!.textContent!) >= 60, undefined, { timeout: 120_000 });
  await tab.locator("#train").click();
  await tab.waitForTimeout(300);
  await tab.locator("#device").selectOption("wasm");
  await tab.waitForFunction(() => /WebAssembly/.test(document.getElementById("status")!.textContent!), undefined, { timeout: 30_000 });
  await expect.poll(async () => parseFloat(await text(tab, "accuracy"))).toBeGreaterThan(50);
  await tab.close();
}, 240_000);
