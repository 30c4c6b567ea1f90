import { dims } from "../../../ir/types/index.ts";
import { costReaches } from "../cost.ts";
import type { BlockGrid, Blocks, Expr, LoopVar } from "../ir.ts";
import { forEachExpr, readsIndices } from "../pool.ts";
import { pointsOf, typical } from "./folds.ts";
import type { Product } from "./product.ts";

/**
 * Blocks for products whose operands cost little to read. Each element that an invocation reads serves a whole row or
 * column of its block, and neighbours read the same, or what lies beside it, which caches answer: Volkov and Demmel,
 * "Benchmarking GPUs to tune dense linear algebra" (SC 2008), with both operands in registers. What is dear to
 * compute is computed once for a workgroup instead, in tiles.
 */

/** Rows and columns of a block: as many sums as fit in the registers of an invocation; and where these are memory. */
const side = 8, narrowSide = 16;
/** Operations and loads of an operand that is cheap enough to be computed by every invocation that needs it. */
const cheap = 8, fewLoads = 2;
/** Steps that are written out: a vector's. */
const steps = 4;
const mostSteps = 7;
/** Blocks from which on a workgroup of the larger size leaves none idle. */
const manyBlocks = 65536;
const narrowSize = 16;
/** Products of pairs that are worth a second shader, and the time that its device takes to compile it. */
const manyProducts = 2 ** 21;

/** How a product is cut into blocks; undefined where tiles are better. */
export function blocksOf({ fold, batch, rows, columns }: Product, domain: readonly LoopVar[]): BlockGrid | undefined {
  if (fold.dtype !== "f32" || fold.body.kind !== "scalar" || !fold.body.args.every(isCheap)) return undefined;
  // the columns are the side that neighbouring invocations store side by side
  const last = domain.at(-1)!, isTurned = rows.some((v) => v.name === last.name);
  const [down, right] = isTurned ? [columns, rows] : [rows, columns];
  const names = (vars: readonly LoopVar[]): string[] => vars.map((v) => v.name);
  const blocks = (length: number, size: (count: number) => number): Blocks => {
    const block = { ...blockOf(down, length), ...blockOf(right, length), ...stepsOf(fold.vars) }, group = size(blockCount(block, domain));
    return { block, size: group, across: Math.min(Math.sqrt(group), 2 ** Math.ceil(Math.log2(blockCount(block, right)))) };
  };
  const products = typical(dims.mul(pointsOf(domain), pointsOf(fold.vars)));
  return {
    kind: "blocks", batch: names(batch), rows: names(down), columns: names(right), inner: names(fold.vars),
    ...blocks(side, (count) => (count >= manyBlocks ? 256 : 64)), ...(products >= manyProducts && { narrow: blocks(narrowSide, () => narrowSize) }),
  };
}

/** How many blocks loops are cut into. */
export function blockCount(block: BlockGrid["block"], vars: readonly LoopVar[]): number {
  return typical(dims.product(vars.map((v) => dims.ceilDiv(v.extent, block[v.name] ?? 1))));
}

function isCheap(e: Expr): boolean {
  let loads = 0;
  forEachExpr([e], (x) => { if (x.kind === "load") loads++; });
  return loads <= fewLoads && !readsIndices(e) && !costReaches(cheap, [e]);
}

/** Iterations of loops that make up one side of a block: of the innermost, then, where that is short, of those around it. */
function blockOf(vars: readonly LoopVar[], most: number): Record<string, number> {
  const block: Record<string, number> = {};
  let room = most;
  for (const v of [...vars].reverse()) {
    if (room < 2) break;
    const length = typeof v.extent === "number" ? evenLength(v.extent, room) : room;
    block[v.name] = length;
    if (length !== v.extent) break;
    room = Math.floor(room / length);
  }
  return block;
}

/** A length that cuts a loop into pieces of which few are partly empty: a block costs as much as its sums and what it reads. */
function evenLength(extent: number, room: number): number {
  const reading = 3, most = extent <= room + 2 ? extent : room;
  // where whole vectors would do, other lengths cannot read by the vector
  const cost = (length: number): number => Math.ceil(extent / length) * (length + reading) * (extent % 4 === 0 && length % 4 !== 0 ? 1.08 : 1);
  return Array.from({ length: most }, (_, i) => i + 1).reduce((a, b) => (cost(b) <= cost(a) ? b : a));
}

/** Steps written out, of the innermost loop, and of those around it where all of its are. */
function stepsOf(vars: readonly LoopVar[]): Record<string, number> {
  const v = vars.at(-1)!, { extent } = v;
  if (typeof extent !== "number") return { [v.name]: steps };
  if (extent <= mostSteps) return { [v.name]: extent };
  const even = [4, 7, 6, 5, 3].find((length) => extent % length === 0);
  return { [v.name]: even ?? steps };
}
