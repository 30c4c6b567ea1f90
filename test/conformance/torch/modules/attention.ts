import { nn, type Tensor } from "chainrule";
import { Unsupported } from "../../outcome.ts";
import type { Arguments } from "../arguments.ts";
import type { ModuleTable } from "./row.ts";

function activation(a: Arguments): "relu" | "gelu" {
  const name = a.text("activation", "relu");
  if (name !== "relu" && name !== "gelu") throw new Unsupported(`${a.op} with activation = ${name}`);
  return name;
}

const layerOptions = (a: Arguments) => ({
  dimFeedforward: a.number("dim_feedforward", 2048), dropout: a.number("dropout", 0.1), activation: activation(a), layerNormEps: a.number("layer_norm_eps", 1e-5),
  batchFirst: a.bool("batch_first", false), normFirst: a.bool("norm_first", false), bias: a.bool("bias", true),
});

export const attentionModules: ModuleTable = {
  "torch.nn.MultiheadAttention": {
    signature: "query key value key_padding_mask need_weights attn_mask average_attn_weights is_causal",
    call(k, make, a) {
      const layer = make(nn.multiheadAttention(k.number("embed_dim"), k.number("num_heads"), {
        dropout: k.number("dropout", 0), bias: k.bool("bias", true), addBiasKv: k.bool("add_bias_kv", false), addZeroAttn: k.bool("add_zero_attn", false),
        kdim: k.number("kdim", undefined), vdim: k.number("vdim", undefined), batchFirst: k.bool("batch_first", false),
      }));
      const results: readonly Tensor[] = layer(a.tensor("query"), a.tensor("key"), a.tensor("value"), {
        keyPaddingMask: a.tensorOr("key_padding_mask"), attnMask: a.tensorOr("attn_mask"), isCausal: a.bool("is_causal", false), averageAttnWeights: a.bool("average_attn_weights", true),
      });
      return a.bool("need_weights", true) ? results : results.slice(0, 1);
    },
  },
  "torch.nn.TransformerEncoderLayer": {
    signature: "src src_mask src_key_padding_mask is_causal",
    call: (k, make, a) => [make(nn.transformerEncoderLayer(k.number("d_model"), k.number("nhead"), layerOptions(k)))(a.tensor("src"), {
      srcMask: a.tensorOr("src_mask"), srcKeyPaddingMask: a.tensorOr("src_key_padding_mask"), isCausal: a.bool("is_causal", false),
    })],
  },
  "torch.nn.TransformerDecoderLayer": {
    signature: "tgt memory tgt_mask memory_mask tgt_key_padding_mask memory_key_padding_mask tgt_is_causal memory_is_causal",
    call: (k, make, a) => [make(nn.transformerDecoderLayer(k.number("d_model"), k.number("nhead"), layerOptions(k)))(a.tensor("tgt"), a.tensor("memory"), {
      tgtMask: a.tensorOr("tgt_mask"), memoryMask: a.tensorOr("memory_mask"), tgtKeyPaddingMask: a.tensorOr("tgt_key_padding_mask"), memoryKeyPaddingMask: a.tensorOr("memory_key_padding_mask"),
      tgtIsCausal: a.bool("tgt_is_causal", false), memoryIsCausal: a.bool("memory_is_causal", false),
    })],
  },
  "torch.nn.Transformer": {
    signature: "src tgt src_mask tgt_mask memory_mask",
    call: (k, make, a) => [make(nn.transformer({
      dModel: k.number("d_model", 512), nhead: k.number("nhead", 8), numEncoderLayers: k.number("num_encoder_layers", 6), numDecoderLayers: k.number("num_decoder_layers", 6), ...layerOptions(k),
    }))(a.tensor("src"), a.tensor("tgt"), { srcMask: a.tensorOr("src_mask"), tgtMask: a.tensorOr("tgt_mask"), memoryMask: a.tensorOr("memory_mask") })],
  },
};
