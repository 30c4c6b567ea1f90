import { broadcastTensors, cat, columnStack, dstack, hstack, meshgrid, stack, vstack, type Tensor } from "chainrule";
import { Unsupported } from "../../outcome.ts";
import type { Arguments } from "../arguments.ts";
import { row, type Row, type Table } from "../row.ts";
import { indexOf } from "./subscript.ts";

const unary = (f: (x: Tensor) => Tensor): Row => row("input", (a) => f(a.tensor("input")));
/** A function of several tensors, given as one list or one by one. */
const ofMany = (f: (xs: readonly Tensor[], a: Arguments) => Tensor | readonly Tensor[]): Row => row("*tensors", (a) => f(a.tensors("tensors"), a));

const swap = row("input dim0|axis0 dim1|axis1", (a) => a.tensor("input").transpose(a.number("dim0"), a.number("dim1")));
const moveAxes = row("input source destination", (a) => a.tensor("input").movedim(a.axes("source") ?? [], a.axes("destination") ?? []));
const atLeast = (f: (x: Tensor) => Tensor): Row => ofMany((xs) => xs.map(f));

/** Padding as PyTorch's modules spell it: one amount for both sides of each of `n` axes, or one for each side. */
const padOf = (n: number, mode: "constant" | "reflect" | "replicate" | "circular"): Row => row("input padding value", (a) => {
  const amount = a.value("padding");
  return a.tensor("input").pad(typeof amount === "number" ? Array.from({ length: 2 * n }, () => amount) : a.numbers("padding"), { mode, value: a.number("value", 0) });
});
const padding: Table = Object.fromEntries([1, 2, 3].flatMap((n) => [
  [`constant_pad${n}d`, padOf(n, "constant")], [`zero_pad${n}d`, padOf(n, "constant")], [`reflection_pad${n}d`, padOf(n, "reflect")], [`replication_pad${n}d`, padOf(n, "replicate")], [`circular_pad${n}d`, padOf(n, "circular")],
]));

export const shape: Table = {
  ...padding,
  reshape: row("input *shape", (a) => a.tensor("input").reshape(a.numbers("shape"))),
  view: row("input *shape", (a) => a.tensor("input").view(a.numbers("shape"))),
  view_as: row("input other", (a) => a.tensor("input").viewAs(a.tensor("other"))),
  reshape_as: row("input other", (a) => a.tensor("input").reshapeAs(a.tensor("other"))),
  flatten: row("input start_dim end_dim", (a) => a.tensor("input").flatten(a.number("start_dim", 0), a.number("end_dim", -1))),
  unflatten: row("input dim sizes", (a) => a.tensor("input").unflatten(a.number("dim"), a.numbers("sizes"))),
  ravel: unary((x) => x.ravel()),
  squeeze: row("input dim", (a) => (a.has("dim") ? a.tensor("input").squeeze(a.axes("dim") as number) : a.tensor("input").squeeze())),
  unsqueeze: row("input dim", (a) => a.tensor("input").unsqueeze(a.number("dim"))),
  transpose: swap,
  swapdims: swap,
  swapaxes: swap,
  t: unary((x) => x.t()),
  "torch.Tensor.T": unary((x) => x.T()),
  "torch.Tensor.mT": unary((x) => x.mT()),
  "torch.Tensor.H": unary((x) => x.T()),
  "torch.Tensor.mH": unary((x) => x.mT()),
  permute: row("input *dims", (a) => a.tensor("input").permute(a.numbers("dims"))),
  movedim: moveAxes,
  moveaxis: moveAxes,
  expand: row("input *sizes", (a) => a.tensor("input").expand(a.numbers("sizes"))),
  expand_as: row("input other", (a) => a.tensor("input").expandAs(a.tensor("other"))),
  broadcast_to: row("input size", (a) => a.tensor("input").broadcastTo(a.numbers("size"))),
  broadcast_tensors: ofMany((xs) => broadcastTensors(...xs)),
  atleast_1d: atLeast((x) => x.atleast1d()),
  atleast_2d: atLeast((x) => x.atleast2d()),
  atleast_3d: atLeast((x) => x.atleast3d()),
  "torch.Tensor.contiguous": unary((x) => x),
  clone: unary((x) => x),

  cat: row("tensors dim", (a) => cat(a.tensors("tensors"), a.number("dim", 0))),
  concat: row("tensors dim", (a) => cat(a.tensors("tensors"), a.number("dim", 0))),
  stack: row("tensors dim", (a) => stack(a.tensors("tensors"), a.number("dim", 0))),
  hstack: row("tensors", (a) => hstack(a.tensors("tensors"))),
  vstack: row("tensors", (a) => vstack(a.tensors("tensors"))),
  dstack: row("tensors", (a) => dstack(a.tensors("tensors"))),
  column_stack: row("tensors", (a) => columnStack(a.tensors("tensors"))),
  meshgrid: ofMany((xs, a) => meshgrid(xs, { indexing: a.text("indexing", "ij") as "ij" | "xy" })),

  split_with_sizes: row("input split_sizes dim", (a) => a.tensor("input").split(a.numbers("split_sizes"), a.number("dim", 0))),
  chunk: row("input chunks dim", (a) => a.tensor("input").chunk(a.number("chunks"), a.number("dim", 0))),
  split: row("input|tensor split_size_or_sections dim", (a) => a.tensor("input").split(a.axes("split_size_or_sections")!, a.number("dim", 0))),
  unbind: row("input dim", (a) => a.tensor("input").unbind(a.number("dim", 0))),
  narrow: row("input dim start length", (a) => a.tensor("input").narrow(a.number("dim"), a.number("start"), a.number("length"))),
  select: row("input dim index", (a) => a.tensor("input").select(a.number("dim"), a.number("index"))),
  __getitem__: row("input index", (a) => a.tensor("input").at(...indexOf(a.value("index")))),
  "torch.Tensor.unfold": row("input dimension size step", (a) => a.tensor("input").unfold(a.number("dimension"), a.number("size"), a.number("step"))),

  flip: row("input *dims", (a) => a.tensor("input").flip(a.numbers("dims"))),
  fliplr: unary((x) => x.fliplr()),
  flipud: unary((x) => x.flipud()),
  rot90: row("input k dims", (a) => a.tensor("input").rot90(a.number("k", 1), (a.axes("dims") ?? [0, 1]) as [number, number])),
  roll: row("input shifts dims", (a) => a.tensor("input").roll(a.axes("shifts")!, a.axes("dims"))),
  tile: row("input *dims", (a) => a.tensor("input").tile(a.numbers("dims"))),
  repeat: row("input *sizes", (a) => a.tensor("input").repeat(a.numbers("sizes"))),
  repeat_interleave: row("input repeats dim", (a) => {
    if (typeof a.value("repeats") !== "number") throw new Unsupported("repeat_interleave with a count for each element: the shape of the result depends on data");
    return a.tensor("input").repeatInterleave(a.number("repeats"), a.number("dim", undefined));
  }),
  pad: row("input pad mode value", (a) => a.tensor("input").pad(a.numbers("pad"), { mode: a.text("mode", "constant") as "constant", value: a.number("value", 0) })),
  constant_pad_nd: row("input pad value", (a) => a.tensor("input").pad(a.numbers("pad"), { value: a.number("value", 0) })),
  pixel_shuffle: row("input upscale_factor", (a) => a.tensor("input").pixelShuffle(a.number("upscale_factor"))),
  pixel_unshuffle: row("input downscale_factor", (a) => a.tensor("input").pixelUnshuffle(a.number("downscale_factor"))),
};
