import { afterAll } from "vitest";
import { checkTorchSample } from "../conformance/check.ts";
import { BrowserTarget } from "./target.ts";

let target: BrowserTarget | string | undefined;
afterAll(async () => { if (typeof target === "object") await target.close(); });

checkTorchSample("a GPU in Chromium", async () => (target ??= await BrowserTarget.open()), 7, 300);
