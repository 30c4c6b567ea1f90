// line, built by chainrule 0.1.0.
import { createLoader, javascript, verifyFiles, readWeights } from "./runtime.js";
import * as kernels from "./line.kernels.js";

const spec = {
  format: "chainrule",
  version: 1,
  name: "line",
  devices: ["js"],
  build: "…",
  symbols: {"B":{"min":1,"max":4096}},
  variables: [
    {"name":"w","role":"parameter","dtype":"f32","shape":[3,1]},
    {"name":"fc.bias","role":"parameter","dtype":"f32","shape":[1]},
    {"name":"steps","role":"state","dtype":"i32","shape":[]},
  ],
  functions: {
    "predict": {"inputs":[{"name":"x","dtype":"f32","shape":["B",3]}],"outputs":[{"name":"y","dtype":"f32","shape":["B",1]}]},
    "train": {"inputs":[{"name":"x","dtype":"f32","shape":["B",3]},{"name":"y","dtype":"f32","shape":["B",1]},{"name":"lr","dtype":"f32","shape":[]}],"outputs":[{"name":"loss","dtype":"f32","shape":[]}]},
    "$init": {"inputs":[{"name":"seed","dtype":"u32","shape":[2]}],"outputs":[]},
  },
  weights: {"file":"line.safetensors","sha256":"…"},
};

export const load = createLoader({
  spec,
  devices: {
    js: javascript(() => kernels),
  },
  verify: () => verifyFiles(import.meta.url, spec.name),
  weights: () => readWeights(new URL("./line.safetensors", import.meta.url), spec),
});
