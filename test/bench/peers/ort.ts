/** ONNX Runtime on one thread, in WebAssembly (onnxruntime-web) or native (onnxruntime-node): forward passes only. */
import { existsSync, readFileSync } from "node:fs";
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { Unavailable, type Contender } from "../contender.ts";
import type { Tensors } from "../workload.ts";
import { withConstants, type Constants } from "./onnx/proto.ts";

/** What the two packages have in common. */
interface Runtime {
  readonly env: { logLevel?: string; readonly wasm?: { numThreads?: number } };
  readonly InferenceSession: { create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => Tensor;
}

/** PyTorch has the gates of an LSTM in the order input, forget, cell, output; ONNX: input, output, forget, cell. */
const gateOrder = [0, 3, 1, 2];

/** Weights as the files name them. */
function constantsOf(id: string, weights: Tensors): Constants {
  if (id !== "W8") return weights as Constants;
  const byGate = (name: string): Float32Array => {
    const { data } = weights[`lstm.${name}`], size = data.length / 4;
    return Float32Array.from(gateOrder.flatMap((g) => Array.from(data.subarray(g * size, (g + 1) * size))));
  };
  const bias = Float32Array.of(...byGate("bias_ih_l0"), ...byGate("bias_hh_l0"));
  const matrix = (name: string): Constants[string] => ({ dtype: "f32", shape: [1, ...weights[`lstm.${name}`].shape], data: byGate(name) });
  return { W: matrix("weight_ih_l0"), R: matrix("weight_hh_l0"), B: { dtype: "f32", shape: [1, bias.length], data: bias } };
}

export async function create({ package: name }: { readonly package: "onnxruntime-web" | "onnxruntime-node" }): Promise<Contender> {
  const ort = await import(name) as Runtime;
  if (ort.env.wasm) ort.env.wasm.numThreads = 1;
  const options: InferenceSession.SessionOptions = {
    executionProviders: [name === "onnxruntime-web" ? "wasm" : "cpu"], intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: "all", logSeverityLevel: 3,
  };
  return async ({ id, inputs, weights }) => {
    const file = new URL(`onnx/${id}.onnx`, import.meta.url);
    if (!existsSync(file)) throw new Unavailable("it does not train");
    const session = await ort.InferenceSession.create(withConstants(readFileSync(file), constantsOf(id, weights)), options);
    const feeds = Object.fromEntries(Object.entries(inputs).map(([input, { data, shape }]) => [input, new ort.Tensor("float32", data as Float32Array, shape)]));
    return { call: async () => (await session.run(feeds)).y.data as Float32Array };
  };
}
