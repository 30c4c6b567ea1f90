import type { Kernel, TileGrid } from "../../loops/ir.ts";
import type { EntryPoint } from "./kernel.ts";
import { StagedProduct } from "./staging.ts";
import { literal, valueType } from "./types.ts";
import type { VectorExpressions } from "./vector.ts";
import type { Workgroup } from "./workgroup.ts";

/**
 * A product in tiles: a workgroup reads a tile of each operand through its index map into workgroup memory, and each
 * of its invocations keeps the sums of a few rows and columns in registers. Its columns are apart by the number of
 * invocations side by side, so that these read neighbours.
 */
export function tileKernel(kernel: Kernel, grid: TileGrid, x: VectorExpressions, shared: Workgroup): EntryPoint {
  const product = new StagedProduct(kernel, grid, x), { nest, left, right } = product;
  const { rows, columns, inner, perThread: [high, wide] } = grid.tile;
  const type = valueType[nest.fold.dtype], zero = literal(nest.fold.dtype, 0);
  const across = columns / wide;
  // the left tile lies as it is read, a row a little longer than its steps, so that rows are in different banks
  const leftAt = (at: string, step: string): string => (left.alongInner ? `leftTile[(${at}) * ${inner + 1} + ${step}]` : `leftTile[${step} * ${rows} + ${at}]`);
  const rightAt = (at: string, step: string): string => `rightTile[${step} * ${columns} + ${at}]`;
  shared.array("leftTile", type, rows * (inner + 1));
  shared.array("rightTile", type, columns * inner);
  const ups = Array.from({ length: high }, (_, i) => i), sides = Array.from({ length: wide }, (_, j) => j);
  const plus = (offset: number): string => (offset > 0 ? ` + ${offset}` : "");
  shared.define("finish", product.finish(type));
  const read = [
    ...product.pack(left, grid.size, (value) => `${leftAt("at", "step")} = ${value};`),
    ...product.pack(right, grid.size, (value) => `${rightAt("at", "step")} = ${value};`),
  ];
  const use = [
    `for (var step = 0; step < ${inner}; step++) {`,
    ...sides.map((j) => `  let right_${j} = ${rightAt(`along${plus(j * across)}`, "step")};`),
    ...ups.flatMap((i) => [`  let left_${i} = ${leftAt(`up${plus(i)}`, "step")};`, `  ${sides.map((j) => `sum_${i}_${j} += left_${i} * right_${j};`).join(" ")}`]),
    "}",
  ];
  const lines = [
    ...product.opening(),
    `let up = (i32(lane) / ${across}) * ${high};`,
    `let along = i32(lane) % ${across};`,
    ...ups.map((i) => sides.map((j) => `var sum_${i}_${j} = ${zero};`).join(" ")),
    ...product.overTiles(read, use),
    // one after the other from memory: written out, the statements of so many sums would be the larger part of the kernel
    `var sums = array<${type}, ${high * wide}>(${ups.flatMap((i) => sides.map((j) => `sum_${i}_${j}`)).join(", ")});`,
    `for (var s = 0; s < ${high * wide}; s++) {`,
    `  finish(batch, row0 + up + s / ${wide}, column0 + along + (s % ${wide}) * ${across}, sums[s]);`,
    "}",
  ];
  return { lines, size: grid.size, groups: product.groups };
}
