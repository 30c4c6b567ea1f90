import { tensor, type Tensor } from "chainrule";
import { at, each, ints, within, type Table } from "./check.ts";

/** Methods of a tensor that are not elementwise. */

const mask = (): Tensor => tensor([[true, false, true], [false, true, true]], "bool") as Tensor;
const shaped = (shape: readonly number[], ...calls: readonly ((x: Tensor) => Tensor | readonly Tensor[])[]) => calls.map((f) => at([shape], f));
const m23 = (...calls: readonly ((x: Tensor) => Tensor | readonly Tensor[])[]) => shaped([2, 3], ...calls);
/** With an operand of the same shape, or of another. */
const two = (a: readonly number[], b: readonly number[], f: (a: Tensor, b: Tensor) => Tensor | readonly Tensor[]) => at([a, b], f);

const reductions: Table = {
  ...each("sum nansum prod mean nanmean amax amin logsumexp", (name) => {
    const call = (x: Tensor, ...rest: unknown[]): Tensor => (x as unknown as Record<string, (...rest: unknown[]) => Tensor>)[name](...rest);
    return shaped([2, 3, 2], (x) => call(x), (x) => call(x, 1), (x) => call(x, [0, -1], true));
  }),
  ...each("max min median", (name) => {
    const call = (x: Tensor, ...rest: number[]) => (x as unknown as Record<string, (...rest: number[]) => Tensor & { values: Tensor }>)[name](...rest);
    return shaped([3, 3], (x) => call(x), (x) => call(x, 1).values);
  }),
  nanmedian: shaped([3, 3], (x) => x.nanmedian(), (x) => x.nanmedian(0).values as Tensor),
  mode: m23((x) => x.mode(1).values),
  aminmax: m23((x) => { const { min, max } = x.aminmax(1); return [min, max]; }),
  var: m23((x) => x.var(), (x) => x.var(1, { correction: 0, keepdim: true })),
  std: m23((x) => x.std(), (x) => x.std(1)),
  varMean: m23((x) => x.varMean(1)),
  stdMean: m23((x) => x.stdMean(0)),
  norm: m23((x) => x.norm(), (x) => x.norm(1, 1), (x) => x.norm(3, 0), (x) => x.norm(Infinity, 1), (x) => x.norm("fro")),
  vectorNorm: m23((x) => x.vectorNorm(2.5), (x) => x.vectorNorm(-Infinity, 1)),
  matrixNorm: m23((x) => x.matrixNorm(), (x) => x.matrixNorm(1)),
  renorm: m23((x) => x.renorm(2, 0, 0.5)),
  normalize: m23((x) => x.normalize(), (x) => x.normalize(3, 0)),
  dist: two([2, 3], [2, 3], (a, b) => [a.dist(b), a.dist(b, 3)]),
  quantile: shaped([2, 5], (x) => x.quantile(0.3), (x) => x.quantile([0.1, 0.6], 1), (x) => x.quantile(0.4, 1, { interpolation: "midpoint" })),
  nanquantile: shaped([2, 5], (x) => x.nanquantile(0.3, 1)),
  cov: shaped([2, 4], (x) => x.cov()),
  corrcoef: shaped([2, 4], (x) => x.corrcoef()),
  softmax: m23((x) => x.softmax(0)), logSoftmax: m23((x) => x.logSoftmax(1)), softmin: m23((x) => x.softmin(1)), glu: shaped([2, 4], (x) => x.glu()),
  ...each("cumsum cumprod logcumsumexp", (name) => m23((x) => (x as unknown as Record<string, (dim: number) => Tensor>)[name](1))),
  cumprod: [...m23((x) => x.cumprod(1)), at([tensorOf([1, 0, 2, 0, 3])], (x) => x.cumprod(0))],
  cummax: shaped([2, 5], (x) => x.cummax(1).values), cummin: shaped([2, 5], (x) => x.cummin(1).values),
  diff: shaped([2, 4], (x) => x.diff(2), (x) => x.diff(1, 0)),
  trapezoid: shaped([2, 4], (x) => x.trapezoid({ dx: 0.5 })), cumulativeTrapezoid: shaped([2, 4], (x) => x.cumulativeTrapezoid({ dim: 0 })),
  sort: shaped([2, 4], (x) => x.sort(1, { descending: true }).values), msort: shaped([4, 2], (x) => x.msort()),
  topk: shaped([2, 4], (x) => x.topk(2).values), kthvalue: shaped([2, 4], (x) => x.kthvalue(2).values),
  trace: shaped([3, 3], (x) => x.trace()),
  sumToSize: m23((x) => x.sumToSize([1, 3])),
  histogram: at([within(0.1, 1, [4])], (weight) => (tensor([0.1, 0.3, 0.35, 0.9], "f64") as Tensor).histogram({ bins: 3, range: [0, 1], weight } as never).hist),
  bincount: at([[4]], (weights) => ints([0, 2, 2, 1]).bincount({ minlength: 3, weights })),
};
function tensorOf(data: readonly number[]) { return { ...within(0, 1, [data.length]), data: Float64Array.from(data) }; }

const products: Table = {
  matmul: [two([2, 3], [3, 4], (a, b) => a.matmul(b)), two([3], [2, 3, 2], (a, b) => a.matmul(b)), two([2, 1, 2, 3], [4, 3, 2], (a, b) => a.matmul(b))],
  mm: two([2, 3], [3, 4], (a, b) => a.mm(b)), mv: two([2, 3], [3], (a, b) => a.mv(b)), dot: two([3], [3], (a, b) => a.dot(b)), bmm: two([2, 2, 3], [2, 3, 1], (a, b) => a.bmm(b)), vdot: two([3], [3], (a, b) => a.vdot(b)),
  addmm: at([[4], [2, 3], [3, 4]], (x, a, b) => x.addmm(a, b, { alpha: 0.5, beta: 2 })), addmv: at([[2], [2, 3], [3]], (x, a, b) => x.addmv(a, b)), addr: at([[2, 3], [2], [3]], (x, a, b) => x.addr(a, b)),
  baddbmm: at([[2, 2, 1], [2, 2, 3], [2, 3, 1]], (x, a, b) => x.baddbmm(a, b)), addbmm: at([[2, 1], [2, 2, 3], [2, 3, 1]], (x, a, b) => x.addbmm(a, b)),
  outer: two([2], [3], (a, b) => a.outer(b)), inner: two([2, 3], [4, 3], (a, b) => a.inner(b)), cross: two([2, 3], [2, 3], (a, b) => a.cross(b)), kron: two([2, 2], [1, 3], (a, b) => a.kron(b)),
};

const movements: Table = {
  permute: m23((x) => x.permute(1, 0)), transpose: m23((x) => x.transpose(0, 1)), t: m23((x) => x.t()), T: m23((x) => x.T()), mT: m23((x) => x.mT()),
  ...each("swapaxes swapdims", (name) => m23((x) => (x as unknown as Record<string, (a: number, b: number) => Tensor>)[name](0, 1))),
  ...each("movedim moveaxis", (name) => shaped([2, 1, 3], (x) => (x as unknown as Record<string, (a: number, b: number) => Tensor>)[name](0, 2))),
  flip: m23((x) => x.flip([0, 1])), fliplr: m23((x) => x.fliplr()), flipud: m23((x) => x.flipud()), rot90: m23((x) => x.rot90(1)), roll: m23((x) => x.roll(2, 1), (x) => x.roll(1)),
  reshape: m23((x) => x.reshape([3, 2])), view: m23((x) => x.view(-1)), viewAs: two([2, 3], [3, 2], (a, b) => a.viewAs(b).mul(b)), reshapeAs: two([2, 3], [3, 2], (a, b) => a.reshapeAs(b).mul(b)),
  flatten: m23((x) => x.flatten()), ravel: m23((x) => x.ravel()), unflatten: shaped([2, 6], (x) => x.unflatten(1, [2, 3])), squeeze: shaped([2, 1, 3], (x) => x.squeeze(1)), unsqueeze: m23((x) => x.unsqueeze(1)),
  expand: shaped([2, 1], (x) => x.expand(4, 2, 3)), expandAs: two([1, 3], [2, 3], (a, b) => a.expandAs(b).mul(b)), broadcastTo: shaped([2, 1], (x) => x.broadcastTo([2, 3])),
  ...each("atleast1d atleast2d atleast3d", (name) => shaped([2], (x) => (x as unknown as Record<string, () => Tensor>)[name]())),
  repeat: m23((x) => x.repeat(2, 1, 2)), tile: m23((x) => x.tile(2)), repeatInterleave: m23((x) => x.repeatInterleave(2, 1), (x) => x.repeatInterleave(2)),
  pad: m23((x) => x.pad([1, 0, 2, 1], { value: 3 })), pixelShuffle: shaped([1, 4, 1, 2], (x) => x.pixelShuffle(2)), pixelUnshuffle: shaped([1, 1, 2, 4], (x) => x.pixelUnshuffle(2)),
  narrow: m23((x) => x.narrow(1, 1, 2)), select: m23((x) => x.select(1, 2)), at: m23((x) => x.at(1), (x) => x.at("...", [1, null], ints([1, 0]))), slice: m23((x) => x.slice(1, 0, 3, 2)),
  chunk: m23((x) => x.chunk(2, 1)), split: m23((x) => x.split([1, 2], 1)), unbind: m23((x) => x.unbind(1)), tensorSplit: m23((x) => x.tensorSplit(2, 1)), unfold: shaped([2, 5], (x) => x.unfold(1, 3, 2)),
  hsplit: m23((x) => x.hsplit([1])), vsplit: m23((x) => x.vsplit(2)), dsplit: shaped([1, 2, 4], (x) => x.dsplit(2)),
  diagonal: shaped([3, 4], (x) => x.diagonal(1)), diag: [...shaped([3], (x) => x.diag(1)), ...shaped([3, 3], (x) => x.diag())], diagEmbed: m23((x) => x.diagEmbed(-1)), diagflat: m23((x) => x.diagflat()),
  tril: shaped([3, 3], (x) => x.tril(-1)), triu: shaped([3, 3], (x) => x.triu()),
};

const rows = (): Tensor => ints([1, 0, 1]), cells = (): Tensor => ints([[0, 1, 1], [1, 0, 0]]);
const indexing: Table = {
  indexSelect: m23((x) => x.indexSelect(1, ints([2, 0, 2]))), gather: m23((x) => x.gather(1, ints([[2, 2], [0, 1]]))), take: m23((x) => x.take(ints([5, 0, 5]))), takeAlongDim: m23((x) => x.takeAlongDim(ints([[2], [0]]), 1)),
  scatter: [two([2, 3], [2, 2], (x, s) => x.scatter(1, ints([[2, 0], [1, 2]]), s)), two([2, 3], [2, 3], (x, s) => x.scatter(0, cells(), s, { reduce: "multiply" }))],
  scatterAdd: two([2, 3], [2, 3], (x, s) => x.scatterAdd(0, cells(), s)),
  scatterReduce: (["sum", "prod", "mean", "amax", "amin"] as const).flatMap((reduce) => [true, false].map((includeSelf) => two([2, 3], [2, 3], (x, s) => [x.mul(includeSelf ? 1 : 2), x.scatterReduce(0, cells(), s, reduce, { includeSelf })]))),
  indexAdd: two([2, 3], [3, 3], (x, s) => x.indexAdd(0, rows(), s, { alpha: 0.5 })), indexCopy: two([3, 2], [2, 2], (x, s) => x.indexCopy(0, ints([2, 0]), s)), indexFill: two([3, 2], [], (x, v) => x.indexFill(0, ints([2, 0]), v)),
  indexPut: [two([2, 3], [2], (x, v) => x.indexPut([ints([0, 1]), ints([2, 0])], v)), two([2, 3], [2], (x, v) => x.indexPut([ints([0, 0]), ints([2, 2])], v, { accumulate: true }))],
  indexReduce: (["prod", "mean", "amax", "amin"] as const).map((reduce) => two([2, 3], [3, 3], (x, s) => x.indexReduce(0, rows(), s, reduce))),
  maskedScatter: two([2, 3], [6], (x, s) => x.maskedScatter(mask(), s)),
  selectScatter: two([2, 3], [2], (x, s) => x.selectScatter(s, 1, 2)), sliceScatter: two([2, 3], [2, 2], (x, s) => x.sliceScatter(s, 1, 0, 3, 2)), diagonalScatter: two([3, 3], [3], (x, s) => x.diagonalScatter(s)),
};

export const methods: Table = {
  ...reductions, ...products, ...movements, ...indexing,
  ...each("shape dtype rank ndim dim size numel constructor isFloatingPoint", () => "is no tensor"),
  ...each("argmax argmin argsort nonzeroStatic countNonzero oneHot histc searchsorted bucketize int byte bitwiseAnd bitwiseOr bitwiseXor bitwiseNot bitwiseLeftShift bitwiseRightShift", () => "gives integers, or counts"),
  ...each("any all eq ne lt le gt ge isClose allClose isNan isInf isFinite isPosInf isNegInf isIn signbit logicalAnd logicalNot logicalOr logicalXor bool", () => "gives bools"),
  ...each("fullLike zerosLike onesLike", () => "is constant"),
  ...each("stopGradient detach", () => "has no derivative by definition"),
  ...each("float half bfloat16", () => "rounds, so that differences see steps"),
  convert: m23((x) => x.convert("f64")), to: m23((x) => x.to("f64")), typeAs: two([2, 3], [1], (a, b) => a.typeAs(b).mul(b)),
};
