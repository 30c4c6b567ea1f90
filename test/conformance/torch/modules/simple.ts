import { nn, type Float, type Layer, type Tensor } from "chainrule";
import type { Sizes } from "../../../../ir/tensor/windows/index.ts";
import { camelCase, type Arguments } from "../arguments.ts";
import type { ModuleRow, ModuleTable } from "./row.ts";

/** A module of one operand. */
const unary = (layer: (construct: Arguments) => Layer<unknown, Float>): ModuleRow => ({ signature: "input", call: (k, make, a) => [(make(layer(k)) as (x: Tensor) => Tensor)(a.tensor("input"))] });

/** Options that are given, and no others: the layer's own defaults count as well. */
const given = (k: Arguments, options: Readonly<Record<string, (name: string) => unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).flatMap(([spelled, read]) => (k.has(spelled) ? [[camelCase(spelled), read(spelled)]] : [])));

const sizes = (k: Arguments) => (name: string): unknown => (typeof k.value(name) === "string" ? k.text(name) : k.axes(name));
const channels = (k: Arguments): [number, number, Sizes] => [k.number("in_channels"), k.number("out_channels"), k.axes("kernel_size")!];
const windowOptions = (k: Arguments) => ({ stride: sizes(k), padding: sizes(k), dilation: sizes(k), groups: () => k.number("groups"), bias: () => k.bool("bias", true) });
const conv = (layer: typeof nn.conv1d): ModuleRow => unary((k) => layer(...channels(k), given(k, { ...windowOptions(k), padding_mode: () => k.text("padding_mode") })));
const transposed = (layer: typeof nn.convTranspose1d): ModuleRow => unary((k) => layer(...channels(k), given(k, { ...windowOptions(k), output_padding: sizes(k) })));

/** Statistics of the batch: without running ones there is no state. */
const normOptions = (k: Arguments) => ({ eps: () => k.number("eps"), affine: () => k.bool("affine", true), momentum: () => k.number("momentum"), track_running_stats: () => k.bool("track_running_stats", true) });
const batchNorm = (layer: typeof nn.batchNorm1d): ModuleRow => unary((k) => layer(k.number("num_features"), given(k, normOptions(k))));
const instanceNorm = (layer: typeof nn.instanceNorm1d): ModuleRow => unary((k) => layer(k.number("num_features"), given(k, normOptions(k))));
const elementwise = (k: Arguments) => ({ ...given(k, { eps: () => k.number("eps"), bias: () => k.bool("bias", true) }), affine: k.bool("elementwise_affine", true) });

export const simpleModules: ModuleTable = {
  "torch.nn.Linear": unary((k) => nn.linear(k.number("in_features"), k.number("out_features"), { bias: k.bool("bias", true) })),
  "torch.nn.Embedding": unary((k) => nn.embedding(k.number("num_embeddings"), k.number("embedding_dim"), given(k, { padding_idx: () => k.number("padding_idx") }))),
  "torch.nn.Conv1d": conv(nn.conv1d), "torch.nn.Conv2d": conv(nn.conv2d), "torch.nn.Conv3d": conv(nn.conv3d),
  "torch.nn.ConvTranspose1d": transposed(nn.convTranspose1d), "torch.nn.ConvTranspose2d": transposed(nn.convTranspose2d), "torch.nn.ConvTranspose3d": transposed(nn.convTranspose3d),
  "torch.nn.BatchNorm1d": batchNorm(nn.batchNorm1d), "torch.nn.BatchNorm2d": batchNorm(nn.batchNorm2d), "torch.nn.BatchNorm3d": batchNorm(nn.batchNorm3d),
  "torch.nn.InstanceNorm1d": instanceNorm(nn.instanceNorm1d), "torch.nn.InstanceNorm2d": instanceNorm(nn.instanceNorm2d), "torch.nn.InstanceNorm3d": instanceNorm(nn.instanceNorm3d),
  "torch.nn.LayerNorm": unary((k) => nn.layerNorm(k.numbers("normalized_shape"), elementwise(k))),
  "torch.nn.RMSNorm": unary((k) => nn.rmsNorm(k.numbers("normalized_shape"), elementwise(k))),
  "torch.nn.GroupNorm": unary((k) => nn.groupNorm(k.number("num_groups"), k.number("num_channels"), given(k, { eps: () => k.number("eps"), affine: () => k.bool("affine", true) }))),
  "torch.nn.Bilinear": {
    signature: "input1 input2",
    call: (k, make, a) => [make(nn.bilinear(k.number("in1_features"), k.number("in2_features"), k.number("out_features"), { bias: k.bool("bias", true) }))(a.tensor("input1"), a.tensor("input2"))],
  },
  "torch.nn.EmbeddingBag": {
    signature: "input offsets per_sample_weights",
    call: (k, make, a) => [make(nn.embeddingBag(k.number("num_embeddings"), k.number("embedding_dim"), { mode: k.text("mode", "mean") as "mean", paddingIdx: k.number("padding_idx", undefined) }))(a.tensor("input"), {
      offsets: a.tensorOr("offsets"), perSampleWeights: a.tensorOr("per_sample_weights"), includeLastOffset: k.bool("include_last_offset", false),
    })],
  },
  "torch.nn.AdaptiveLogSoftmaxWithLoss": {
    signature: "input target",
    call: (k, make, a) => {
      const { output, loss } = make(nn.adaptiveLogSoftmaxWithLoss(k.number("in_features"), k.number("n_classes"), k.numbers("cutoffs"), { divValue: k.number("div_value", 4), headBias: k.bool("head_bias", false) }))(a.tensor("input"), a.tensor("target"));
      return [output, loss];
    },
  },
  "torch.nn.PReLU": unary((k) => nn.prelu({ numParameters: k.number("num_parameters", 1), init: k.number("init", 0.25) })),
};
