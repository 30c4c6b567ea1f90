import { nn } from "chainrule";
import type { ModuleTable } from "./row.ts";

export const simpleModules: ModuleTable = {
  "torch.nn.Bilinear": {
    signature: "input1 input2",
    call: (k, make, a) => [make(nn.bilinear(k.number("in1_features"), k.number("in2_features"), k.number("out_features"), { bias: k.bool("bias", true) }))(a.tensor("input1"), a.tensor("input2"))],
  },
  "torch.nn.PReLU": { signature: "input", call: (k, make, a) => [make(nn.prelu({ numParameters: k.number("num_parameters", 1), init: k.number("init", 0.25) }))(a.tensor("input"))] },
};
