import { nn, type Tensor } from "chainrule";
import type { ConvOptions, ConvTransposeOptions, InterpolationMode, Sizes } from "../../../../ir/tensor/windows/index.ts";
import type { Arguments } from "../arguments.ts";
import { pair, row, type Row, type Table } from "../row.ts";

/** Convolutions, pooling and resampling. */
const F = nn.functional;

/** One number or a list of them; undefined where it is not given. */
const sizes = (a: Arguments, name: string): Sizes | undefined => a.axes(name);
/** Options that are given, without those that are not. */
const given = <T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

function padding(a: Arguments): ConvOptions["padding"] {
  const value = a.value("padding");
  return value === "same" || value === "valid" ? value : sizes(a, "padding");
}

const conv = (f: (x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions) => Tensor): Row => row("input weight bias stride padding dilation groups", (a) =>
  f(a.tensor("input"), a.tensor("weight"), a.tensorOr("bias") ?? null, given({ stride: sizes(a, "stride"), padding: padding(a), dilation: sizes(a, "dilation"), groups: a.number("groups", 1) })));
const transposed = (f: (x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvTransposeOptions) => Tensor): Row => row("input weight bias stride padding output_padding groups dilation", (a) =>
  f(a.tensor("input"), a.tensor("weight"), a.tensorOr("bias") ?? null, given({
    stride: sizes(a, "stride"), padding: sizes(a, "padding"), outputPadding: sizes(a, "output_padding"), groups: a.number("groups", 1), dilation: sizes(a, "dilation"),
  })));

type MaxPool = typeof F.maxPool1d;
const maxPool = (f: MaxPool): Row => row("input kernel_size stride padding dilation ceil_mode return_indices", (a) => {
  const options = given({ stride: sizes(a, "stride"), padding: sizes(a, "padding"), dilation: sizes(a, "dilation"), ceilMode: a.bool("ceil_mode", false) });
  const [x, kernel] = [a.tensor("input"), sizes(a, "kernel_size")!];
  return a.bool("return_indices", false) ? pair(f(x, kernel, { ...options, returnIndices: true })) : f(x, kernel, options);
});
const avgPool = (f: typeof F.avgPool1d): Row => row("input kernel_size stride padding ceil_mode count_include_pad divisor_override", (a) =>
  f(a.tensor("input"), sizes(a, "kernel_size")!, given({
    stride: sizes(a, "stride"), padding: sizes(a, "padding"), ceilMode: a.bool("ceil_mode", false), countIncludePad: a.bool("count_include_pad", true), divisorOverride: a.number("divisor_override", undefined),
  })));
const lpPool = (f: typeof F.lpPool1d): Row => row("input norm_type kernel_size stride ceil_mode", (a) =>
  f(a.tensor("input"), a.number("norm_type"), sizes(a, "kernel_size")!, given({ stride: sizes(a, "stride"), ceilMode: a.bool("ceil_mode", false) })));

/** Sizes for each axis, of which null keeps the input's. */
const outputSize = (a: Arguments) => a.value("output_size") as number | readonly (number | null)[];
const adaptiveAvg = (f: typeof F.adaptiveAvgPool1d): Row => row("input output_size", (a) => f(a.tensor("input"), outputSize(a)));
const adaptiveMax = (f: typeof F.adaptiveMaxPool1d): Row => row("input output_size return_indices", (a) =>
  (a.bool("return_indices", false) ? pair(f(a.tensor("input"), outputSize(a), { returnIndices: true })) : f(a.tensor("input"), outputSize(a))));
const unpool = (f: typeof F.maxUnpool1d): Row => row("input indices kernel_size stride padding output_size", (a) => {
  const asked = a.has("output_size") ? a.numbers("output_size").slice(-(a.tensor("input").rank - 2)) : undefined;
  return f(a.tensor("input"), a.tensor("indices"), sizes(a, "kernel_size")!, given({ stride: sizes(a, "stride"), padding: sizes(a, "padding"), outputSize: asked }));
});

const interpolate = row("input size scale_factor mode align_corners recompute_scale_factor antialias", (a) => F.interpolate(a.tensor("input"), given({
  size: sizes(a, "size"), scaleFactor: sizes(a, "scale_factor"), mode: a.text("mode", "nearest") as InterpolationMode,
  alignCorners: a.bool("align_corners", false), recomputeScaleFactor: a.bool("recompute_scale_factor", false),
})));
const patches = (a: Arguments) => given({ dilation: sizes(a, "dilation"), padding: sizes(a, "padding"), stride: sizes(a, "stride") });

export const convolution: Table = {
  conv1d: conv(F.conv1d), conv2d: conv(F.conv2d), conv3d: conv(F.conv3d),
  conv_transpose1d: transposed(F.convTranspose1d), conv_transpose2d: transposed(F.convTranspose2d), conv_transpose3d: transposed(F.convTranspose3d),
  max_pool1d: maxPool(F.maxPool1d), max_pool2d: maxPool(F.maxPool2d), max_pool3d: maxPool(F.maxPool3d),
  avg_pool1d: avgPool(F.avgPool1d), avg_pool2d: avgPool(F.avgPool2d), avg_pool3d: avgPool(F.avgPool3d),
  lp_pool1d: lpPool(F.lpPool1d), lp_pool2d: lpPool(F.lpPool2d), lp_pool3d: lpPool(F.lpPool3d),
  adaptive_avg_pool1d: adaptiveAvg(F.adaptiveAvgPool1d), adaptive_avg_pool2d: adaptiveAvg(F.adaptiveAvgPool2d), adaptive_avg_pool3d: adaptiveAvg(F.adaptiveAvgPool3d),
  adaptive_max_pool1d: adaptiveMax(F.adaptiveMaxPool1d), adaptive_max_pool2d: adaptiveMax(F.adaptiveMaxPool2d), adaptive_max_pool3d: adaptiveMax(F.adaptiveMaxPool3d),
  max_unpool1d: unpool(F.maxUnpool1d), max_unpool2d: unpool(F.maxUnpool2d), max_unpool3d: unpool(F.maxUnpool3d),
  interpolate, upsample: interpolate,
  upsample_nearest: row("input size scale_factor", (a) => F.interpolate(a.tensor("input"), given({ size: sizes(a, "size"), scaleFactor: sizes(a, "scale_factor") }))),
  upsample_bilinear: row("input size scale_factor", (a) => F.interpolate(a.tensor("input"), { ...given({ size: sizes(a, "size"), scaleFactor: sizes(a, "scale_factor") }), mode: "bilinear", alignCorners: true })),
  "torch.nn.functional.unfold": row("input kernel_size dilation padding stride", (a) => F.unfold(a.tensor("input"), sizes(a, "kernel_size")!, patches(a))),
  fold: row("input output_size kernel_size dilation padding stride", (a) => F.fold(a.tensor("input"), sizes(a, "output_size")!, sizes(a, "kernel_size")!, patches(a))),
  affine_grid: row("theta size align_corners", (a) => F.affineGrid(a.tensor("theta"), a.numbers("size"), { alignCorners: a.bool("align_corners", false) })),
  grid_sample: row("input grid mode padding_mode align_corners", (a) => F.gridSample(a.tensor("input"), a.tensor("grid"), {
    mode: a.text("mode", "bilinear") as "bilinear" | "nearest", paddingMode: a.text("padding_mode", "zeros") as "zeros" | "border" | "reflection", alignCorners: a.bool("align_corners", false),
  })),
};
