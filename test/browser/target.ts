import { createServer, type Server } from "node:http";
import type { Browser, JSHandle, Page } from "playwright-core";
import { artifactFiles } from "../../compiler/artifact/index.ts";
import type { Model } from "../../ir/graph/index.ts";
import type { DType, GpuModel } from "../../runtime/index.ts";
import { storedArray, unstored } from "../../ir/types/index.ts";
import type { NdArray } from "../../ir/ops/index.ts";
import { compiledForGpu, type Arrays, type Target } from "../conformance/targets.ts";
import { launchChromium } from "../webgpu/chromium.ts";

/** The page. It imports modules itself, as test runners rewrite `import` where they see it. */
const html = `<!doctype html><title>chainrule</title><script>window.importText = (text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));</script>`;

/** A tensor on its way between Node and a page. */
interface Sent {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** WebGPU in a page of a headless Chromium: the artifact as it ships, loaded from its text. */
export class BrowserTarget implements Target {
  readonly name = "webgpu";
  private readonly browser: Browser;
  private readonly server: Server;
  private readonly page: Page;

  /** A page, or why there is none. */
  static async open(): Promise<BrowserTarget | string> {
    const browser = await launchChromium();
    if (typeof browser === "string") return browser;
    // WebGPU is for pages of secure origins, and localhost is one
    const server = createServer((_, response) => { response.setHeader("content-type", "text/html").end(html); });
    await new Promise<void>((done) => { server.listen(0, "localhost", done); });
    const address = server.address();
    const page = await browser.newPage();
    await page.goto(`http://localhost:${typeof address === "object" ? address!.port : 0}/`);
    const target = new BrowserTarget(browser, server, page);
    if (await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()))) return target;
    await target.close();
    return "Chromium finds no WebGPU adapter";
  }

  private constructor(browser: Browser, server: Server, page: Page) {
    this.browser = browser;
    this.server = server;
    this.page = page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
  }

  /** A model of the page's. */
  private async open(model: Model): Promise<JSHandle<GpuModel>> {
    const files = await artifactFiles(compiledForGpu(model), { standalone: true });
    const text = String(files.get(`${model.name}.js`));
    return this.page.evaluateHandle(async (text) => {
      const shared = globalThis as unknown as { device?: Promise<GPUDevice>; importText(text: string): Promise<{ load(options: object): Promise<GpuModel> }> };
      shared.device ??= navigator.gpu.requestAdapter().then((a) => a!.requestDevice());
      const { load } = await shared.importText(text);
      return load({ device: await shared.device });
    }, text);
  }

  /** What comes of a program that runs in the page. */
  async run<T>(model: Model, program: (model: GpuModel) => Promise<T>): Promise<T> { return (await this.open(model)).evaluate(program); }

  async load(...[model]: Parameters<Target["load"]>): ReturnType<Target["load"]> {
    const handle = await this.open(model);
    const values: Record<string, NdArray> = {};
    const run = async (name: string | undefined, inputs: Arrays): Promise<Arrays> => {
      const sent = Object.fromEntries(Object.entries(inputs).map(([k, { dtype, shape, data }]): [string, Sent] => [k, { dtype, shape, data: Array.from(storedArray(dtype, data)) }]));
      const { outputs, variables } = await handle.evaluate(async (model, { name, sent }) => {
        const types = { bool: Uint8Array, u8: Uint8Array, i32: Int32Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array, f16: Uint16Array, bf16: Uint16Array };
        const plain = (t: { dtype: string; shape: readonly number[]; data: ArrayLike<number> }) => ({ dtype: t.dtype, shape: t.shape, data: Array.from(t.data) });
        const given = Object.fromEntries(Object.entries(sent).map(([k, t]) => [k, { ...t, data: types[t.dtype].from(t.data) }]));
        const results = name === undefined ? {} : await model.functions[name](given as Parameters<typeof model.functions[string]>[0]);
        const variables: Record<string, ReturnType<typeof plain>> = {};
        for (const v of model.variables) variables[v.name] = plain(await model.read(v.name));
        return { outputs: Object.fromEntries(Object.entries(results).map(([k, t]) => [k, plain(t)])), variables };
      }, { name, sent });
      const back = (all: Record<string, { dtype: string; shape: readonly number[]; data: number[] }>): Record<string, NdArray> =>
        Object.fromEntries(Object.entries(all).map(([k, t]) => [k, { dtype: t.dtype as DType, shape: t.shape, data: Float64Array.from(t.data, (x) => unstored(t.dtype as DType, x)) }]));
      Object.assign(values, back(variables));
      return back(outputs);
    };
    await run(undefined, {});
    return { call: run, variable: (name) => values[name] };
  }
}
