import { dims, type Dim } from "../../../ir/types/index.ts";
import type { Grid, Kernel } from "../../loops/ir.ts";
import { openGrid } from "../../loops/grid/nest.ts";
import { originText } from "../js/kernel.ts";
import { blockKernel } from "./blocks.ts";
import { Expressions, symbolField, type Notes } from "./expression.ts";
import { functionsCalledIn } from "./library/index.ts";
import { sortBody } from "./sort.ts";
import { Statements, unravel } from "./statement.ts";
import { tileKernel } from "./tiles.ts";
import { storedType } from "./types.ts";
import { Workgroup } from "./workgroup.ts";

/** A kernel as a shader: its text without the functions of the library that it calls, and how it is run. */
export interface Shader {
  readonly text: string;
  /** Functions of the library, in order. */
  readonly calls: readonly string[];
  /** Workgroups to run. */
  readonly groups: Dim;
  /** Whether it can find an index out of range: it then has a binding for saying so, the last. */
  readonly canFault: boolean;
}

/** The body of an entry point, and the workgroup that runs it. */
export interface EntryPoint {
  readonly lines: readonly string[];
  readonly size: number;
  readonly groups: Dim;
}

/** Invocations of a workgroup where nothing is shared among them. */
const plainSize = 64;

/** Prints a kernel as a WGSL shader. */
export function printKernel(kernel: Kernel, notes: Notes): Shader {
  const x = new Expressions(kernel, notes);
  const entry = entryName(kernel);
  // how many invocations share a row is the device's choice
  const isShared = kernel.grid?.kind === "groups";
  const shared = new Workgroup(isShared ? "groupSize" : kernel.grid?.size ?? plainSize);
  const { lines, size, groups } = entryPoint(kernel, x, shared);
  const bindings = kernel.args.map((a, i) => `@group(0) @binding(${i}) var<storage, ${a.access === "read" ? "read" : "read_write"}> ${x.arg(i)}: array<${x.vectors.has(i) ? "vec4f" : storedType[a.dtype]}>;`);
  if (kernel.scalars.length > 0) {
    bindings.push(`struct Sizes { ${kernel.scalars.map((s) => `${symbolField(s)}: i32`).join(", ")} }`, `@group(0) @binding(${kernel.args.length}) var<uniform> sizes: Sizes;`);
  }
  const body = [
    ...(isShared ? [`override groupSize = ${size}u;`] : []),
    ...shared.print(),
    `@compute @workgroup_size(${isShared ? "groupSize" : size})`,
    `fn ${entry}(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {`,
    ...lines.map((l) => `  ${l}`),
    "}",
  ].join("\n");
  const calls = functionsCalledIn(body);
  const canFault = calls.includes("checkIndex");
  if (canFault) bindings.push(`@group(0) @binding(${kernel.args.length + (kernel.scalars.length > 0 ? 1 : 0)}) var<storage, read_write> fault: array<atomic<u32>, 4>;`);
  return { text: [`// ${originText(kernel.origins)}`, ...bindings, body].join("\n"), calls, groups, canFault };
}


function entryPoint(kernel: Kernel, x: Expressions, shared: Workgroup): EntryPoint {
  if (kernel.sort) return sortBody(kernel, kernel.sort, x);
  const { grid } = kernel;
  if (!grid) throw new Error(`internal: kernel ${kernel.name} has no grid`);
  if (grid.kind === "tiles") return tileKernel(kernel, grid, x, shared);
  if (grid.kind === "blocks") return blockKernel(kernel, grid, x, shared);
  return plainGrid(kernel, grid, x, shared);
}

/** One invocation, or one workgroup, for each point of the grid. */
function plainGrid(kernel: Kernel, grid: Extract<Grid, { over: readonly string[] }>, x: Expressions, shared: Workgroup): EntryPoint {
  const nest = openGrid(kernel.body, grid.over);
  if (!nest) throw new Error(`internal: kernel ${kernel.name} is no nest over ${grid.over.join(", ")}`);
  const points = dims.product(nest.vars.map((v) => v.extent));
  const inThreads = grid.kind === "threads";
  const statements = new Statements(x);
  const at = inThreads ? `i32((groupId.x + groupId.y * groups.x) * ${grid.size}u + lane)` : "i32(groupId.x + groupId.y * groups.x)";
  return {
    lines: [
      `let point = ${at};`,
      `if (point >= ${x.dim(points)}) { return; }`,
      ...unravel("point", nest.vars.map((v) => ({ name: x.variable(v), extent: x.dim(v.extent) }))),
      ...(inThreads ? statements.list(nest.body) : statements.shared(nest.body, shared)),
    ],
    size: grid.size,
    groups: inThreads ? dims.ceilDiv(points, grid.size) : points,
  };
}

/** The name of a kernel as an entry point: it is what the device's errors and profiles say. */
export const entryName = (kernel: Kernel): string => `k_${kernel.name.replace(/\W/g, "_")}`;
