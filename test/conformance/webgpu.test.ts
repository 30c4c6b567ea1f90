import { whyNoGpu } from "../webgpu/gpu.ts";
import { checkTorchSample } from "./check.ts";
import { targetNamed } from "./targets.ts";

// All of it takes a quarter of an hour on a processor: npm run conformance -- --target webgpu
checkTorchSample("a GPU", async () => (await whyNoGpu()) ?? targetNamed("webgpu")!, 9, 200);
