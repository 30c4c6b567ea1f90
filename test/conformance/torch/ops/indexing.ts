import { nn, searchsorted, type Tensor } from "chainrule";
import { Unsupported } from "../../outcome.ts";
import { isTensor, type Arguments } from "../arguments.ts";
import { pair, row, type Row, type Table } from "../row.ts";

/** The result has as many elements as the data say: an ahead-of-time compiler cannot give it a shape. */
const dependsOnData = (name: string): Row => row("*any", () => { throw new Unsupported(`${name}: the shape of the result depends on data`); });

/** `src`, or a number, to be written at indices along an axis. */
const source = (a: Arguments): Tensor | number => {
  const x = a.has("src") ? a.value("src") : a.value("value");
  if (isTensor(x) || typeof x === "number") return x;
  throw new Unsupported(`${a.op} of ${JSON.stringify(x)}`);
};

const scatterModes: Readonly<Record<string, "sum" | "prod" | "mean" | "amax" | "amin">> = { sum: "sum", prod: "prod", mean: "mean", amax: "amax", amin: "amin" };

export const indexing: Table = {
  index_select: row("input dim index", (a) => a.tensor("input").indexSelect(a.number("dim"), a.tensor("index"))),
  gather: row("input dim index", (a) => a.tensor("input").gather(a.number("dim"), a.tensor("index"))),
  take: row("input index", (a) => a.tensor("input").take(a.tensor("index"))),
  take_along_dim: row("input indices dim", (a) => a.tensor("input").takeAlongDim(a.tensor("indices"), a.number("dim", undefined))),
  one_hot: row("tensor num_classes", (a) => {
    const classes = a.number("num_classes", -1);
    if (classes === -1) throw new Unsupported("one_hot without num_classes: the shape of the result depends on data");
    return a.tensor("tensor").oneHot(classes);
  }),
  "torch.nn.functional.embedding": row("input weight padding_idx max_norm norm_type scale_grad_by_freq sparse", (a) =>
    nn.functional.embedding(a.tensor("input"), a.tensor("weight"), { paddingIdx: a.number("padding_idx", undefined) })),

  scatter: row("input dim index src reduce", (a) => {
    const reduce = a.text("reduce", undefined);
    if (reduce !== undefined && reduce !== "add" && reduce !== "multiply") throw new Unsupported(`scatter with reduce = ${reduce}`);
    return a.tensor("input").scatter(a.number("dim"), a.tensor("index"), source(a), { reduce });
  }),
  scatter_add: row("input dim index src", (a) => a.tensor("input").scatterAdd(a.number("dim"), a.tensor("index"), a.tensor("src"))),
  scatter_reduce: row("input dim index src reduce", (a) => {
    const reduce = a.text("reduce");
    if (!Object.hasOwn(scatterModes, reduce)) throw new Unsupported(`scatter_reduce with reduce = ${reduce}`);
    return a.tensor("input").scatterReduce(a.number("dim"), a.tensor("index"), a.tensor("src"), scatterModes[reduce], { includeSelf: a.bool("include_self", true) });
  }),
  index_add: row("input dim index source", (a) => a.tensor("input").indexAdd(a.number("dim"), a.tensor("index"), a.tensor("source"), { alpha: a.number("alpha", 1) })),
  index_copy: row("input dim index source", (a) => a.tensor("input").indexCopy(a.number("dim"), a.tensor("index"), a.tensor("source"))),
  index_fill: row("input dim index value", (a) => a.tensor("input").indexFill(a.number("dim"), a.tensor("index"), a.operand("value"))),
  select_scatter: row("input src dim index", (a) => a.tensor("input").selectScatter(a.tensor("src"), a.number("dim"), a.number("index"))),
  slice_scatter: row("input src dim start end step", (a) =>
    a.tensor("input").sliceScatter(a.tensor("src"), a.number("dim", 0), a.number("start", null), a.number("end", null), a.number("step", 1))),
  diagonal_scatter: row("input src offset dim1 dim2", (a) =>
    a.tensor("input").diagonalScatter(a.tensor("src"), a.number("offset", 0), a.number("dim1", 0), a.number("dim2", 1))),

  tril: row("input diagonal", (a) => a.tensor("input").tril(a.number("diagonal", 0))),
  triu: row("input diagonal", (a) => a.tensor("input").triu(a.number("diagonal", 0))),
  diagonal: row("input offset dim1 dim2", (a) => a.tensor("input").diagonal(a.number("offset", 0), a.number("dim1", 0), a.number("dim2", 1))),
  diag: row("input diagonal", (a) => a.tensor("input").diag(a.number("diagonal", 0))),
  diag_embed: row("input offset dim1 dim2", (a) => a.tensor("input").diagEmbed(a.number("offset", 0), a.number("dim1", -2), a.number("dim2", -1))),
  trace: row("input", (a) => a.tensor("input").trace()),

  sort: row("input dim descending stable", (a) => {
    a.bool("stable", false); // every sort here is stable
    return pair(a.tensor("input").sort(a.number("dim", -1), { descending: a.bool("descending", false) }));
  }),
  argsort: row("input dim descending stable", (a) => {
    a.bool("stable", false);
    return a.tensor("input").argsort(a.number("dim", -1), { descending: a.bool("descending", false) });
  }),
  msort: row("input", (a) => a.tensor("input").msort()),
  topk: row("input k dim largest sorted", (a) => pair(a.tensor("input").topk(a.number("k"), a.number("dim", -1), { largest: a.bool("largest", true), sorted: a.bool("sorted", true) }))),
  kthvalue: row("input k dim keepdim", (a) => pair(a.tensor("input").kthvalue(a.number("k"), a.number("dim", -1), a.bool("keepdim", false)))),
  median: row("input dim keepdim", (a) => (a.has("dim") ? pair(a.tensor("input").median(a.number("dim"), a.bool("keepdim", false))) : a.tensor("input").median())),
  searchsorted: row("sorted_sequence input out_int32 right side", (a) => searchsorted(a.tensor("sorted_sequence"), a.tensor("input"), { right: a.bool("right", false), side: a.text("side", undefined) as "left" | "right" | undefined })),
  bucketize: row("input boundaries out_int32 right", (a) => a.tensor("input").bucketize(a.tensor("boundaries"), { right: a.bool("right", false) })),

  masked_select: dependsOnData("masked_select"),
  nonzero: dependsOnData("nonzero"),
  argwhere: dependsOnData("argwhere"),
  unique: dependsOnData("unique"),
  bincount: dependsOnData("bincount"),
};
