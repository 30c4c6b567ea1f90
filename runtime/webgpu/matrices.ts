import { requestAdapter } from "./adapter.ts";
import type { GpuMatrices } from "./kernels.ts";
import { probe } from "./probe.ts";
import { subgroupSize } from "./subgroups.ts";

/** What Dawn calls the feature, until there is a standard. */
export const matrixFeature = "chromium-experimental-subgroup-matrix";

/** Matrices that the subgroups of a device multiply: `rows × steps` by `steps × columns`, summed in f32. */
export interface MatrixUnit {
  readonly component: "f16" | "f32";
  readonly rows: number;
  readonly columns: number;
  readonly steps: number;
  /** Invocations of a subgroup. */
  readonly subgroup: number;
}

/** As an adapter lists them. */
interface MatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

const known = new WeakMap<GPUDevice, Promise<MatrixUnit | undefined>>();

/** The matrices that suit products of halves best, where a device has any that compute right. */
export function matrixUnit(device: GPUDevice, info: GPUAdapterInfo | undefined): Promise<MatrixUnit | undefined> {
  let unit = known.get(device);
  if (!unit) known.set(device, (unit = find(device, info)));
  return unit;
}

/** Rows, columns and steps of a subgroup's tile: multiples of those of a matrix. */
const tile = 32;

async function find(device: GPUDevice, info: GPUAdapterInfo | undefined): Promise<MatrixUnit | undefined> {
  const features: ReadonlySet<string> = device.features;
  if (!features.has(matrixFeature) || !features.has("shader-f16")) return undefined;
  const subgroup = await subgroupSize(device);
  if (subgroup === undefined) return undefined;
  // in Node a device lists none where its adapter does: those of the best adapter are as good a guess, since each is tried
  const listed = configsOf(info), units = (listed.length > 0 ? listed : configsOf((await requestAdapter())?.info)).flatMap(({ componentType: component, resultComponentType, M: rows, N: columns, K: steps }): MatrixUnit[] =>
    ((component === "f16" || component === "f32") && resultComponentType === "f32" && [rows, columns, steps].every((n) => tile % n === 0) ? [{ component, rows, columns, steps, subgroup }] : []));
  // halves before numbers, large matrices before small ones
  const size = (u: MatrixUnit): number => u.rows * u.columns * u.steps;
  units.sort((a, b) => a.component.localeCompare(b.component) || size(b) - size(a));
  for (const unit of units) if (await isRight(device, unit)) return unit;
  return undefined;
}

const configsOf = (info: GPUAdapterInfo | undefined): readonly MatrixConfig[] => [...(info as { readonly subgroupMatrixConfigs?: Iterable<MatrixConfig> } | undefined)?.subgroupMatrixConfigs ?? []];

/** What comes before a shader that uses a unit: directives, then what the shader says for what suits the device. */
export function matrixDeclarations({ component, rows, columns, steps, subgroup }: MatrixUnit, subgroups: number): string {
  return `enable f16;
enable ${matrixFeature.replaceAll("-", "_")};
diagnostic(off, chromium.subgroup_matrix_uniformity);
const matrixRows = ${rows};
const matrixColumns = ${columns};
const matrixSteps = ${steps};
const subgroupSize = ${subgroup};
const groupSize = ${subgroup * subgroups};
alias Component = ${component};
alias Left = subgroup_matrix_left<Component, matrixSteps, matrixRows>;
alias Right = subgroup_matrix_right<Component, matrixColumns, matrixSteps>;
alias Sums = subgroup_matrix_result<f32, matrixColumns, matrixRows>;`;
}

/** Whether a kernel can run so: it has room for its tiles, and for a matrix of sums of each subgroup. */
export function hasRoom({ component, rows, columns, subgroup }: MatrixUnit, { subgroups, elements }: Pick<GpuMatrices, "subgroups" | "elements">, { limits }: Pick<GPUDevice, "limits">): boolean {
  const bytes = elements * (component === "f16" ? 2 : 4) + subgroups * rows * columns * 4;
  return bytes <= limits.maxComputeWorkgroupStorageSize && subgroups * subgroup <= Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX);
}

// ---- whether a unit does what it should: the feature is an experiment, and a wrong sum would go unnoticed

/** Small integers, no two rows or columns alike. */
const leftAt = (row: number, step: number): number => ((row * 3 + step * 5) % 7) - 2, rightAt = (step: number, column: number): number => ((step * 2 + column * 3) % 5) - 1;

/** Both operands in either order, and sums that go on from others. */
const shader = `
@group(0) @binding(0) var<storage, read_write> seen: array<f32>;
var<workgroup> leftTile: array<Component, matrixRows * matrixSteps>;
var<workgroup> rightTile: array<Component, matrixSteps * matrixColumns>;
var<workgroup> sumsTile: array<f32, matrixRows * matrixColumns>;
@compute @workgroup_size(groupSize)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sums: Sums;
  for (var turn = 0; turn < 2; turn++) {
    for (var q = i32(lane); q < matrixRows * matrixSteps; q += groupSize) {
      let row = select(q / matrixSteps, q % matrixRows, turn == 1);
      let step = select(q % matrixSteps, q / matrixRows, turn == 1);
      leftTile[q] = Component((row * 3 + step * 5) % 7 - 2);
    }
    for (var q = i32(lane); q < matrixSteps * matrixColumns; q += groupSize) {
      let step = select(q / matrixColumns, q % matrixSteps, turn == 1);
      let column = select(q % matrixColumns, q / matrixSteps, turn == 1);
      rightTile[q] = Component((step * 2 + column * 3) % 5 - 1);
    }
    workgroupBarrier();
    if (turn == 0) {
      sums = subgroupMatrixMultiplyAccumulate(subgroupMatrixLoad<Left, row_major>(&leftTile, 0, matrixSteps), subgroupMatrixLoad<Right, row_major>(&rightTile, 0, matrixColumns), sums);
    } else {
      sums = subgroupMatrixMultiplyAccumulate(subgroupMatrixLoad<Left, col_major>(&leftTile, 0, matrixRows), subgroupMatrixLoad<Right, col_major>(&rightTile, 0, matrixSteps), sums);
    }
    workgroupBarrier();
  }
  subgroupMatrixStore<row_major>(&sumsTile, 0, sums, matrixColumns);
  workgroupBarrier();
  for (var q = i32(lane); q < matrixRows * matrixColumns; q += groupSize) { seen[q] = sumsTile[q]; }
}`;

async function isRight(device: GPUDevice, unit: MatrixUnit): Promise<boolean> {
  const { rows, columns, steps } = unit;
  const found = await probe(device, "subgroup matrices", `${matrixDeclarations(unit, 1)}${shader}`, 4 * rows * columns), sums = new Float32Array(found ?? []);
  return found !== undefined && sums.every((sum, q) => {
    const products = Array.from({ length: steps }, (_, k) => leftAt(Math.floor(q / columns), k) * rightAt(k, q % columns));
    return sum === 2 * products.reduce((a, b) => a + b);
  });
}
