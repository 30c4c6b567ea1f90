import type { GpuRow } from "./kernels.ts";

/** What a device has for kernels whose invocations share rows. */
export interface RowDevice {
  /** Invocations of a subgroup, where there are subgroups that can be relied on. */
  readonly subgroup: number | undefined;
  /** Invocations that the device computes at once, where it says so. */
  readonly width: number | undefined;
  /** Invocations of a workgroup, at most. */
  readonly most: number;
}

/** How a kernel shares its rows on a device. */
export interface RowVariant {
  /** Rows of a workgroup. */
  readonly rows: number;
  /** What comes before the shader: directives, then declarations. */
  readonly directives: string;
  readonly declarations: string;
}

/** A processor that plays a GPU computes a small vector at once: each invocation that waits for others costs as much as its work. */
const narrow = 16;
/** Whether a device, which may not say how many invocations it computes at once, is such a processor. */
export const isNarrow = (width: number | undefined): width is number => width !== undefined && width > 0 && width < narrow;

/**
 * Chooses who shares a row: a subgroup, which needs not wait for anyone, where the row is no more than that has work for;
 * else a workgroup, of subgroups where there are any. All fold in an order that is always the same.
 */
export function rowVariant({ lanes: wanted, folds }: GpuRow, { subgroup, width, most }: RowDevice): RowVariant {
  const functions = (text: (name: string, type: string) => string): string[] => Object.entries(folds).map(([name, type]) => text(name, type));
  if (subgroup !== undefined && (isNarrow(width) || wanted <= subgroup)) {
    const rows = Math.max(1, Math.min(most, isNarrow(width) ? 32 : 128) / subgroup);
    return variant(subgroup, rows, functions((name, type) => `fn combine_${name}(value: ${type}, lane: u32) -> ${type} {\n  ${butterfly(name, "rowLanes")}\n  return all;\n}`), subgroupDirectives);
  }
  const lanes = Math.min(wanted, most);
  if (subgroup !== undefined) return variant(lanes, 1, functions((name, type) => acrossSubgroups(name, type, subgroup)), subgroupDirectives);
  return variant(isNarrow(width) ? width : lanes, 1, functions(acrossWorkgroup), "");
}

/** Invocations of a subgroup have one row, so that what depends on the row is the same for all of them. */
const subgroupDirectives = "enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n";

function variant(lanes: number, rows: number, functions: readonly string[], directives: string): RowVariant {
  const at = rows === 1 ? "group" : `group * ${rows}u + invocation / ${lanes}u`;
  const declarations = [`const rowLanes = ${lanes};`, `const groupSize = ${lanes * rows};`, `fn rowAt(group: u32, invocation: u32) -> u32 { return ${at}; }`, ...functions].join("\n");
  return { rows, directives, declarations };
}

const butterfly = (name: string, size: string | number): string =>
  `var all = value;\n  for (var step = ${size} / 2u; step > 0u; step = step / 2u) { all = ${name}(all, subgroupShuffleXor(all, step)); }`;

/** Each subgroup by itself; then every invocation folds what these have. */
const acrossSubgroups = (name: string, type: string, size: number): string => `var<workgroup> each_${name}: array<${type}, groupSize / ${size}>;
fn combine_${name}(value: ${type}, lane: u32) -> ${type} {
  ${butterfly(name, `${size}u`)}
  workgroupBarrier();
  if (lane % ${size}u == 0u) { each_${name}[lane / ${size}u] = all; }
  workgroupBarrier();
  all = each_${name}[0];
  for (var i = 1; i < groupSize / ${size}; i++) { all = ${name}(all, each_${name}[i]); }
  return all;
}`;

/** Pairwise, by memory that the workgroup shares. */
const acrossWorkgroup = (name: string, type: string): string => `var<workgroup> each_${name}: array<${type}, groupSize>;
fn combine_${name}(value: ${type}, lane: u32) -> ${type} {
  workgroupBarrier();
  each_${name}[lane] = value;
  for (var half = groupSize / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (lane < half) { each_${name}[lane] = ${name}(each_${name}[lane], each_${name}[lane + half]); }
  }
  return workgroupUniformLoad(&each_${name}[0]);
}`;
