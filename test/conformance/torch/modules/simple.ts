import { nn } from "chainrule";
import type { ModuleTable } from "./row.ts";

export const simpleModules: ModuleTable = {
  "torch.nn.Bilinear": {
    signature: "input1 input2",
    call: (k, make, a) => [make(nn.bilinear(k.number("in1_features"), k.number("in2_features"), k.number("out_features"), { bias: k.bool("bias", true) }))(a.tensor("input1"), a.tensor("input2"))],
  },
  "torch.nn.EmbeddingBag": {
    signature: "input offsets",
    call: (k, make, a) => [make(nn.embeddingBag(k.number("num_embeddings"), k.number("embedding_dim"), { mode: k.text("mode", "mean") as "mean", paddingIdx: k.number("padding_idx", undefined) }))(a.tensor("input"), { offsets: a.tensorOr("offsets") })],
  },
  "torch.nn.AdaptiveLogSoftmaxWithLoss": {
    signature: "input target",
    call: (k, make, a) => {
      const { output, loss } = make(nn.adaptiveLogSoftmaxWithLoss(k.number("in_features"), k.number("n_classes"), k.numbers("cutoffs"), { divValue: k.number("div_value", 4), headBias: k.bool("head_bias", false) }))(a.tensor("input"), a.tensor("target"));
      return [output, loss];
    },
  },
  "torch.nn.PReLU": { signature: "input", call: (k, make, a) => [make(nn.prelu({ numParameters: k.number("num_parameters", 1), init: k.number("init", 0.25) }))(a.tensor("input"))] },
};
