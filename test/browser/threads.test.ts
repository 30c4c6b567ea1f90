import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import chromiumBinary from "@sparticuz/chromium";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineModel, f32, i32, losses, nn, optim } from "chainrule";
import { writeArtifact } from "../../compiler/artifact/index.ts";
import { compile } from "../../compiler/pipeline.ts";

// A built artifact in a page: cross-origin isolated, where memory can be shared, and not.

const folder = mkdtempSync(join(tmpdir(), "threads-page-"));
let server: Server | undefined, browser: Browser | undefined;

/** Trains on one thread and on two, and shows what came of it. */
const program = `
  import { load } from "/net/net.js";
  const runs = [];
  for (const threads of [1, 2]) {
    const net = await load({ threads, seed: 2 });
    for (let n = 10; n < 30; n++) net.sync.train({ x: Float32Array.from({ length: 32 * n }, (_, k) => (k % 13) / 13), label: Int32Array.from({ length: n }, (_, k) => k % 10) });
    runs.push({ threads: net.threads, saved: Array.from(net.save()).join() });
  }
  document.body.append(Object.assign(document.createElement("pre"), { textContent: JSON.stringify(runs) }));
`;

beforeAll(async () => {
  const model = defineModel("net", (m) => {
    const layers = m.use("net", nn.sequential(nn.linear(32, 64), nn.relu(), nn.linear(64, 10)));
    m.trainStep("train", { x: f32("B", 32), label: i32("B") }, ({ x, label }) => losses.crossEntropy(layers(x), label), optim.sgd({ lr: 0.1 }));
  });
  await writeArtifact(compile(model, { target: "wasm", grain: 1 }), join(folder, "net"));
  const types: Readonly<Record<string, string>> = { js: "text/javascript", wasm: "application/wasm" };
  server = createServer(({ url = "/" }, response) => {
    const isFile = /^\/net\/[\w.]+$/.test(url);
    response.writeHead(200, {
      "content-type": isFile ? types[url.split(".").at(-1)!] ?? "text/plain" : "text/html",
      ...(url !== "/plain" && { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }),
    });
    response.end(isFile ? readFileSync(join(folder, url)) : `<!doctype html><title>threads</title><script type="module">${program}</script>`);
  }).listen(0);
  browser = await chromium.launch({ executablePath: await chromiumBinary.executablePath(), args: ["--no-sandbox"], headless: true });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true });
});

test.each([["/", true], ["/plain", false]])("%s: threads compute the bits of one, or there is one and a warning", async (path, isIsolated) => {
  const page = await browser!.newPage(), said: string[] = [];
  page.on("console", (m) => said.push(m.text()));
  await page.goto(`http://localhost:${(server!.address() as AddressInfo).port}${path}`);
  const [one, two] = JSON.parse(await page.locator("pre").textContent({ timeout: 30_000 }) ?? "") as { threads: number; saved: string }[];
  expect(two.saved).toBe(one.saved);
  expect([one.threads, two.threads]).toEqual([1, isIsolated ? 2 : 1]);
  expect(said.filter((line) => line.startsWith("net "))).toEqual(isIsolated ? [] : ["net runs on 1 thread (not on 2: memory cannot be shared: the page is not cross-origin isolated)"]);
  await page.close();
}, 60_000);
