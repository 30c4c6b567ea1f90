import { dims, type Dim } from "../../../ir/types/index.ts";
import type { GpuHalves, GpuMatrices, GpuRow } from "../../../runtime/index.ts";
import type { Grid, Kernel, RowSpec } from "../../loops/ir.ts";
import { openGrid } from "../../loops/grid/nest.ts";
import { forEachStmt } from "../../loops/statements.ts";
import { originText } from "../js/kernel.ts";
import { blockKernel } from "./blocks.ts";
import { chainKernel } from "./chain.ts";
import { symbolField, type Notes } from "./expression.ts";
import { functionsCalledIn } from "./library/index.ts";
import { matrixKernel } from "./matrices.ts";
import { sortBody } from "./sort.ts";
import { halvesAsF16, halvesInWords, isOfHalves, plainBinding, type HalfAccess } from "./storage.ts";
import { partsOfRow, Statements, stepsOf, unravel } from "./statement.ts";
import { tileKernel } from "./tiles.ts";
import { storedType, valueType } from "./types.ts";
import { VectorExpressions } from "./vector.ts";
import { Workgroup } from "./workgroup.ts";

/** A kernel as a shader: its text without the functions of the library that it calls, and how it is run. */
export interface Shader {
  readonly text: string;
  readonly halves?: GpuHalves;
  /** Functions of the library, in order. */
  readonly calls: readonly string[];
  /** Workgroups to run, or rows where invocations share these. */
  readonly groups: Dim;
  readonly row?: GpuRow;
  readonly matrices?: MatrixUse;
  /** Whether it can find an index out of range: it then has a binding for saying so, the last. */
  readonly canFault: boolean;
}

/**
 * `runs`: the kernel, which checks no indices, does something only where none before it has found one out of range; or
 * only where one has. It reads that as a uniform, of which there are more than storage buffers, and after which
 * invocations may still wait for each other.
 */
export interface ShaderOptions {
  readonly runs?: "unlessFault" | "onFault" | undefined;
}

/** The shader of a kernel for devices of narrow vectors, where that is another. */
export function printNarrow(kernel: Kernel, notes: Notes, options?: ShaderOptions): Shader | undefined {
  const { grid } = kernel;
  return grid?.kind === "blocks" && grid.narrow ? printKernel({ ...kernel, grid: { ...grid, ...grid.narrow } }, notes, options) : undefined;
}

/** The shader of a product for devices whose subgroups multiply matrices, where that can be used. */
export function printMatrices(kernel: Kernel, notes: Notes, options?: ShaderOptions): Shader | undefined {
  const { grid } = kernel;
  return (grid?.kind === "tiles" || grid?.kind === "blocks") && grid.matrices ? printKernel({ ...kernel, grid: grid.matrices }, notes, options) : undefined;
}

/** What the runtime has to know of a workgroup that multiplies matrices. */
type MatrixUse = Pick<GpuMatrices, "subgroups" | "elements">;

/** The body of an entry point, and the workgroup that runs it. */
export interface EntryPoint {
  readonly lines: readonly string[];
  /** Its invocations; or, where these are the device's choice, the name that the runtime gives their number. */
  readonly size: number | "groupSize";
  readonly groups: Dim;
  readonly matrices?: MatrixUse;
}

/** Prints a kernel as a WGSL shader. */
export function printKernel(kernel: Kernel, notes: Notes, { runs }: ShaderOptions = {}): Shader {
  const x = new VectorExpressions(kernel, notes);
  const entry = entryName(kernel);
  const shared = new Workgroup();
  x.look(kernel.body);
  const { lines, size, groups, matrices } = entryPoint(kernel, x, shared);
  const inVectors = (i: number): boolean => x.isWhole(i) || x.vectors.has(i);
  const bindings = kernel.args.flatMap((a, i) => (isOfHalves(a) ? [] : [plainBinding(a, x.arg(i), i, inVectors(i))]));
  const halves = kernel.args.flatMap((arg, i): HalfAccess[] => (isOfHalves(arg) ? [{ arg, name: x.arg(i), binding: i, read: x.reader(i), write: x.writer(i), isWhole: inVectors(i) }] : []));
  const [inWords, asF16] = [halvesInWords(halves), halvesAsF16(halves)];
  if (kernel.scalars.length > 0) {
    bindings.push(`struct Sizes { ${kernel.scalars.map((s) => `${symbolField(s)}: i32`).join(", ")} }`, `@group(0) @binding(${kernel.args.length}) var<uniform> sizes: Sizes;`);
  }
  const body = [
    ...shared.print(),
    `@compute @workgroup_size(${size})`,
    `fn ${entry}(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) ${kernel.grid?.kind === "groups" ? "invocation" : "lane"}: u32) {`,
    ...(runs ? [`  if (fault.x ${runs === "onFault" ? "==" : "!="} 0u) { return; }`] : []),
    ...lines.map((l) => `  ${l}`),
    "}",
  ].join("\n");
  const calls = functionsCalledIn([body, inWords, asF16 ?? "", ...shared.folds.map((f) => `${f.name}(`)].join("\n"));
  const canFault = calls.includes("checkIndex");
  const last = kernel.args.length + (kernel.scalars.length > 0 ? 1 : 0);
  if (canFault) bindings.push(`@group(0) @binding(${last}) var<storage, read_write> fault: array<atomic<u32>, 4>;`);
  else if (runs) bindings.push(`@group(0) @binding(${last}) var<uniform> fault: vec4<u32>;`);
  // how many invocations share a row is the device's choice: the text says rowLanes, and the runtime what that is
  const row = kernel.grid?.kind === "groups" ? { lanes: kernel.grid.size, folds: Object.fromEntries(shared.folds.map((f) => [f.name, f.type])) } : undefined;
  return { text: [`// ${originText(kernel.origins)}`, ...bindings, body].join("\n"), ...(halves.length > 0 && { halves: { words: inWords, ...(asF16 !== undefined && { f16: asF16 }) } }), calls, groups, ...(row && { row }), ...(matrices && { matrices }), canFault };
}

function entryPoint(kernel: Kernel, x: VectorExpressions, shared: Workgroup): EntryPoint {
  if (kernel.sort) return sortBody(kernel, kernel.sort, x);
  const { grid } = kernel;
  if (!grid) throw new Error(`internal: kernel ${kernel.name} has no grid`);
  if (grid.kind === "tiles") return tileKernel(kernel, grid, x, shared);
  if (grid.kind === "blocks") return blockKernel(kernel, grid, x, shared);
  if (grid.kind === "matrices") return matrixKernel(kernel, grid, x, shared);
  if (grid.kind === "chain") return chainKernel(kernel, grid, x, shared);
  return plainGrid(kernel, grid, x, shared);
}

/** One invocation, or several, for each point of the grid. */
function plainGrid(kernel: Kernel, grid: Extract<Grid, { kind: "threads" | "groups" }>, x: VectorExpressions, shared: Workgroup): EntryPoint {
  const nest = openGrid(kernel.body, grid.over);
  if (!nest) throw new Error(`internal: kernel ${kernel.name} is no nest over ${grid.over.join(", ")}`);
  const points = dims.product(nest.loops.map(stepsOf));
  const inThreads = grid.kind === "threads", group = "groupId.x + groupId.y * groups.x";
  const statements = new Statements(x);
  const at = inThreads ? [`let point = i32((${group}) * ${grid.size}u + lane);`] : ["let lane = invocation % rowLanes;", `let point = i32(rowAt(${group}, invocation));`];
  return {
    lines: [
      ...at,
      `if (point >= ${x.dim(points)}) { return; }`,
      ...unravel("point", statements.positions(nest.loops)),
      ...(kernel.rows ?? []).map((row, k) => rowText(kernel, row, -1 - k, x)),
      ...(inThreads ? statements.bodyOf(nest.loops.find((l) => l.lanes > 1), nest.body) : statements.shared(nest.body, shared)),
    ],
    size: inThreads ? grid.size : "groupSize",
    groups: inThreads ? dims.ceilDiv(points, grid.size) : points,
  };
}

/** What an invocation keeps of a row: a number or a vector for each of its steps. */
function rowText(kernel: Kernel, row: RowSpec, arg: number, x: VectorExpressions): string {
  let lanes = 1;
  forEachStmt(kernel.body, (s) => { if (s.kind === "loop" && s.body.some((t) => t.kind === "store" && t.arg === arg)) ({ lanes } = s); });
  const type = valueType[row.dtype], steps = x.dim(dims.ceilDiv(row.size, lanes));
  return `var ${x.arg(arg)}: array<${lanes > 1 ? `vec4<${type}>` : type}, ${partsOfRow(steps)}>;`;
}

/** The name of a kernel as an entry point: it is what the device's errors and profiles say. */
export const entryName = (kernel: Kernel): string => `k_${kernel.name.replace(/\W/g, "_")}`;
