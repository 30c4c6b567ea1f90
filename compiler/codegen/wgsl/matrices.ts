import type { Kernel, MatrixGrid } from "../../loops/ir.ts";
import { strideOf } from "../../loops/tile.ts";
import type { EntryPoint } from "./kernel.ts";
import { StagedProduct, type Side } from "./staging.ts";
import type { VectorExpressions } from "./vector.ts";
import type { Workgroup } from "./workgroup.ts";

/** What rows of a tile are longer by than they need be: so that they are in different banks, and yet each starts where matrices are loaded from at once. */
const padding = 8;

/**
 * A product in tiles that subgroups multiply as matrices. The operands are read through their index maps into workgroup
 * memory, and the sums come back through it, so that each can be finished by one invocation. How large the matrices of
 * the device are, and what they consist of, the text leaves open: the runtime declares `matrixRows`, `matrixColumns`
 * and `matrixSteps`, the types `Component`, `Left`, `Right` and `Sums`, and the invocations of a subgroup.
 */
export function matrixKernel(kernel: Kernel, grid: MatrixGrid, x: VectorExpressions, shared: Workgroup): EntryPoint {
  const product = new StagedProduct(kernel, grid, x);
  const { rows, columns, inner, perSubgroup } = grid.tile, across = columns / perSubgroup, subgroups = (rows / perSubgroup) * across;
  const left = tileOf("leftTile", product.left, inner, ["row_major", "col_major"]), right = tileOf("rightTile", product.right, inner, ["col_major", "row_major"]);
  for (const t of [left, right]) shared.array(t.name, "Component", t.length);
  shared.array("sumsTile", "f32", `${subgroups} * matrixRows * matrixColumns`);
  shared.define("finish", product.finish("f32"));
  const read = [left, right].flatMap((t) => product.pack(t.side, "groupSize", (value) => `${t.name}[${t.place("at", "step")}] = Component(${value});`));
  const use = [
    `for (var step = 0; step < ${inner}; step += matrixSteps) {`,
    `  var rights: array<Right, ${perSubgroup} / matrixColumns>;`,
    `  for (var aside = 0; aside < ${perSubgroup} / matrixColumns; aside++) {`,
    `    rights[aside] = subgroupMatrixLoad<Right, ${right.order}>(&rightTile, u32(${right.place("(along + aside * matrixColumns)", "step")}), ${right.stride});`,
    "  }",
    `  for (var down = 0; down < ${perSubgroup} / matrixRows; down++) {`,
    `    let left = subgroupMatrixLoad<Left, ${left.order}>(&leftTile, u32(${left.place("(up + down * matrixRows)", "step")}), ${left.stride});`,
    `    for (var aside = 0; aside < ${perSubgroup} / matrixColumns; aside++) {`,
    "      sums[down][aside] = subgroupMatrixMultiplyAccumulate(left, rights[aside], sums[down][aside]);",
    "    }",
    "  }",
    "}",
  ];
  // neighbouring invocations finish what is stored side by side
  const alongRows = product.nest.epilogue.some((s) => s.kind === "store" && product.rows.some((v) => strideOf(s.index, v) === 1));
  const [order, length, row, column] = alongRows ? ["col_major", "matrixRows", "s % matrixRows", "s / matrixRows"] : ["row_major", "matrixColumns", "s / matrixColumns", "s % matrixColumns"];
  const lines = [
    ...product.opening(),
    "let subgroup = i32(lane) / subgroupSize;",
    `let up = ${across === 1 ? "subgroup" : `(subgroup / ${across})`} * ${perSubgroup};`,
    `let along = ${across === 1 ? "0" : `(subgroup % ${across}) * ${perSubgroup}`};`,
    `var sums: array<array<Sums, ${perSubgroup} / matrixColumns>, ${perSubgroup} / matrixRows>;`,
    ...product.overTiles(read, use),
    "let mine = subgroup * matrixRows * matrixColumns;",
    `for (var down = 0; down < ${perSubgroup} / matrixRows; down++) {`,
    `  for (var aside = 0; aside < ${perSubgroup} / matrixColumns; aside++) {`,
    `    subgroupMatrixStore<${order}>(&sumsTile, u32(mine), sums[down][aside], ${length});`,
    "    workgroupBarrier();",
    "    for (var s = i32(lane) % subgroupSize; s < matrixRows * matrixColumns; s += subgroupSize) {",
    `      finish(batch, row0 + up + down * matrixRows + ${row}, column0 + along + aside * matrixColumns + ${column}, sumsTile[mine + s]);`,
    "    }",
    "    workgroupBarrier();",
    "  }",
    "}",
  ];
  return { lines, size: "groupSize", groups: product.groups, matrices: { subgroups, elements: left.length + right.length } };
}

interface MatrixTile {
  readonly name: string;
  readonly side: Side;
  readonly length: number;
  readonly stride: number;
  readonly order: string;
  place(at: string, step: string): string;
}

/** A tile lies as its operand is read, so that neighbouring invocations write what lies side by side. */
function tileOf(name: string, side: Side, inner: number, [alongInner, alongOwn]: readonly [string, string]): MatrixTile {
  const stride = (side.alongInner ? inner : side.length) + padding;
  return {
    name, side, stride, length: stride * (side.alongInner ? side.length : inner), order: side.alongInner ? alongInner : alongOwn,
    place: (at, step) => (side.alongInner ? `${at} * ${stride} + ${step}` : `${step} * ${stride} + ${at}`),
  };
}
