import { expect, test } from "vitest";
import { functionsCalledIn, libraryText } from "../../../compiler/codegen/wgsl/library/index.ts";
import { rowVariant, type RowDevice } from "../../../runtime/webgpu/rows.ts";
import { subgroupSize } from "../../../runtime/webgpu/subgroups.ts";
import { sharedGpu, whyNoGpu } from "../../webgpu/gpu.ts";

// Who shares a row is the device's choice: whoever it is, all of them know the same, which is right.

const why = await whyNoGpu();
if (why) console.warn(`\n!!! no GPU (${why}): no variant of a row is tested !!!\n`);

const rows = 37, length = 100;
const folds = { sum_i32: "i32", sum_f32: "f32", max_f32: "f32", all_bool: "u32", maxAt_f32: "vec2<u32>", minAt_f32: "vec2<u32>" };

/** Folds rows in every way; the last invocation of each writes what it knows. */
const kernel = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(groupSize)
fn main(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
  let lane = invocation % rowLanes;
  let point = i32(rowAt(groupId.x, invocation));
  if (point >= ${rows}) { return; }
  var count = 0;
  var sum = 0.0;
  var largest = special_f32(0xff800000u);
  var allSmall = 1u;
  var most = vec2(0u, 0xffffffffu);
  var least = most;
  for (var r = i32(lane); r < ${length}; r += rowLanes) {
    let v = x[point * ${length} + r];
    count += 1;
    sum += v;
    largest = max_f32(largest, v);
    allSmall = all_bool(allSmall, select(0u, 1u, v < 40.0));
    most = maxAt_f32(most, vec2(bitcast<u32>(v), u32(r)));
    least = minAt_f32(least, vec2(bitcast<u32>(v), u32(r)));
  }
  count = combine_sum_i32(count, lane);
  sum = combine_sum_f32(sum, lane);
  largest = combine_max_f32(largest, lane);
  allSmall = combine_all_bool(allSmall, lane);
  most = combine_maxAt_f32(most, lane);
  least = combine_minAt_f32(least, lane);
  if (lane == u32(rowLanes - 1)) {
    let at = point * 6;
    y[at] = f32(count);
    y[at + 1] = sum;
    y[at + 2] = largest;
    y[at + 3] = f32(allSmall);
    y[at + 4] = f32(most.y);
    y[at + 5] = f32(least.y);
  }
}`;

async function run(data: Float32Array<ArrayBuffer>, on: RowDevice, lanes: number): Promise<Float32Array> {
  const device = await sharedGpu(), row = rowVariant({ lanes, folds }, on);
  const calls = functionsCalledIn([kernel, ...Object.keys(folds).map((name) => `${name}(`)].join("\n"));
  const code = [row.directives + row.declarations, ...calls.map(libraryText), kernel].join("\n");
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module: device.createShaderModule({ code }), entryPoint: "main" } });
  const size = 4 * rows * 6, { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const [x, y, staging] = [[data.byteLength, STORAGE | COPY_DST], [size, STORAGE | COPY_SRC], [size, COPY_DST | MAP_READ]].map(([bytes, usage]) => device.createBuffer({ size: bytes, usage }));
  device.queue.writeBuffer(x, 0, data);
  const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [x, y].map((buffer, binding) => ({ binding, resource: { buffer } })) }));
  pass.dispatchWorkgroups(Math.ceil(rows / row.rows));
  pass.end();
  encoder.copyBufferToBuffer(y, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  return new Float32Array(staging.getMappedRange().slice(0));
}

/** Small whole numbers, whose sums are exact; in some rows a NaN, which is largest and smallest, and the first wins. */
const data = Float32Array.from({ length: rows * length }, (_, i) => (i % 731 === 5 ? NaN : ((i * 7919) % 83) - 41));
const want = Float32Array.from({ length: rows }, (_, i) => i).reduce<number[]>((all, i) => {
  const row = [...data.subarray(i * length, (i + 1) * length)], nan = row.findIndex(Number.isNaN);
  return [...all, length, row.reduce((a, b) => a + b, 0), Math.max(...row), Number(row.every((v) => v < 40)), nan >= 0 ? nan : row.indexOf(Math.max(...row)), nan >= 0 ? nan : row.indexOf(Math.min(...row))];
}, []);

test.skipIf(why)("a workgroup, pairwise by its memory", async () => {
  for (const [lanes, most] of [[1, 256], [8, 256], [64, 256], [256, 32]]) expect(Array.from(await run(data, { subgroup: undefined, width: undefined, most }, lanes))).toEqual(want);
});

test.skipIf(why)("a subgroup by itself, and a workgroup of subgroups", async ({ skip }) => {
  const subgroup = await subgroupSize(await sharedGpu());
  if (subgroup === undefined) skip("this device has no subgroups");
  expect(Array.from(await run(data, { subgroup, width: subgroup, most: 256 }, subgroup!))).toEqual(want);
  for (const lanes of [2 * subgroup!, 16 * subgroup!]) expect(Array.from(await run(data, { subgroup, width: 32, most: 256 }, lanes))).toEqual(want);
});

test("more is asked of no device than it grants", () => {
  const text = rowVariant({ lanes: 1024, folds }, { subgroup: undefined, width: 32, most: 256 });
  expect(text.declarations).toContain("const groupSize = 256;");
  expect(text.directives).toBe("");
  expect(rowVariant({ lanes: 32, folds }, { subgroup: 32, width: 32, most: 64 })).toMatchObject({ rows: 2 });
});
