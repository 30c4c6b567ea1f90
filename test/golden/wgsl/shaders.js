// The shaders of shaders, and the functions that run them.

/** Functions that shaders call. */
export const library = {
  special_f32: /* wgsl */ `// Infinity and NaN: no constant may be one.
fn special_f32(bits: u32) -> f32 {
  var b = bits;
  return bitcast<f32>(b);
}`,
  isNan_f32: /* wgsl */ `fn isNan_f32(x: f32) -> bool {
  return (bitcast<i32>(x) & 0x7fffffff) > 0x7f800000;
}`,
  max_f32: /* wgsl */ `fn max_f32(x: f32, y: f32) -> f32 {
  return select(select(max(x, y), y, isNan_f32(y)), x, isNan_f32(x));
}`,
  max_f32x4: /* wgsl */ `fn max_f32x4(x: vec4<f32>, y: vec4<f32>) -> vec4<f32> {
  return vec4(max_f32(x.x, y.x), max_f32(x.y, y.y), max_f32(x.z, y.z), max_f32(x.w, y.w));
}`,
  checkIndex: /* wgsl */ `// An index that comes from data, if it lies in 0 ... size-1; else 0, and a note of the first that does not.
fn checkIndex(index: i32, size: i32, note: u32) -> i32 {
  if (index >= 0 && index < size) { return index; }
  if (atomicAdd(&fault[0], 1u) == 0u) {
    atomicStore(&fault[1], note);
    atomicStore(&fault[2], bitcast<u32>(index));
    atomicStore(&fault[3], u32(size));
  }
  return 0;
}`,
  expTail: /* wgsl */ `fn expTail(r: f32) -> f32 {
  return ((((0.000198756915 * r + 0.0013981999507) * r + 0.0083334519073) * r + 0.041665795894) * r + 0.16666665459) * r + 0.50000001201;
}`,
  shifted: /* wgsl */ `// x times 2^k, for a whole k: added to the exponent, which must stay one of a normal number
fn shifted(x: f32, k: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) + (bitcast<u32>(k + 12582912.0) << 23u));
}`,
  exp_f32: /* wgsl */ `// e^x where that is a normal number, else 0, infinity or NaN
fn exp_f32(x: f32) -> f32 {
  let k = floor(x * 1.4426950408889634 + 0.5);
  let r = (x - k * 0.693145751953125) - k * 1.428606765330187e-6;
  let e = select(shifted(r * r * expTail(r) + r + 1.0, k), 0.0, x < -87.33654);
  return select(select(e, special_f32(0x7f800000u), x > 88.722835), x, isNan_f32(x));
}`,
  exp_f32x4: /* wgsl */ `fn exp_f32x4(x: vec4<f32>) -> vec4<f32> {
  return vec4(exp_f32(x.x), exp_f32(x.y), exp_f32(x.z), exp_f32(x.w));
}`,
  sum_f32: /* wgsl */ `fn sum_f32(a: f32, b: f32) -> f32 {
  return a + b;
}`,
};

export const kernels = [
  {
    ...{"name":"k_map_exp","calls":["special_f32","isNan_f32","expTail","shifted","exp_f32","exp_f32x4"],"access":"rw","scalars":["B"],"groups":"((((3*B+3)//(4))+63)//(64))","canFault":false,"at":"mul, exp: text.test.ts:11"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> exp_L11: array<vec4<f32>>;
struct Sizes { n_B: i32 }
@group(0) @binding(2) var<uniform> sizes: Sizes;
@compute @workgroup_size(64)
fn k_map_exp(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let point = i32((groupId.x + groupId.y * groups.x) * 64u + lane);
  if (point >= (((3 * sizes.n_B + 3) / 4))) { return; }
  let ij = point * 4;
  exp_L11[ij >> 2u] = exp_f32x4((x[ij >> 2u] * vec4<f32>(2.0)));
}
`,
  },
  {
    ...{"name":"k_softmax_reduce_exp","calls":["special_f32","isNan_f32","max_f32","max_f32x4","expTail","shifted","exp_f32","exp_f32x4","sum_f32"],"access":"rw","scalars":["B"],"groups":"B","row":{"lanes":32,"folds":{"max_f32":"f32","sum_f32":"f32"}},"canFault":false,"at":"reduce, sub, exp, reciprocal, mul: text.test.ts:12"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> mul_L12: array<vec4<f32>>;
struct Sizes { n_B: i32 }
@group(0) @binding(2) var<uniform> sizes: Sizes;
@compute @workgroup_size(groupSize)
fn k_softmax_reduce_exp(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
  let lane = invocation % rowLanes;
  let point = i32(rowAt(groupId.x + groupId.y * groups.x, invocation));
  if (point >= sizes.n_B) { return; }
  let i = point;
  var kept: array<vec4<f32>, (25 + rowLanes - 1) / rowLanes>;
  var kept1: array<vec4<f32>, (25 + rowLanes - 1) / rowLanes>;
  var max5 = special_f32(0xff800000u);
  var max5_0 = vec4<f32>(special_f32(0xff800000u));
  for (var part = 0; part < (25 + rowLanes - 1) / rowLanes; part++) {
    let r = (part * rowLanes + i32(lane)) * 4;
    if (25 % rowLanes == 0 || r < 100) {
      let t6 = x[(i * 100 + r) >> 2u];
      max5_0 = max_f32x4(max5_0, t6);
      kept[part] = t6;
    }
  }
  max5 = max_f32(max5, max_f32((max_f32(max5_0.x, max5_0.y)), max_f32(max5_0.z, max5_0.w)));
  max5 = combine_max_f32(max5, lane);
  var sum7 = 0.0;
  var sum7_0 = vec4<f32>(0.0);
  for (var part = 0; part < (25 + rowLanes - 1) / rowLanes; part++) {
    let r1 = (part * rowLanes + i32(lane)) * 4;
    if (25 % rowLanes == 0 || r1 < 100) {
      let t8 = exp_f32x4((kept[part] - vec4<f32>(max5)));
      sum7_0 = sum7_0 + t8;
      kept1[part] = t8;
    }
  }
  sum7 = sum7 + ((sum7_0.x + sum7_0.y) + (sum7_0.z + sum7_0.w));
  sum7 = combine_sum_f32(sum7, lane);
  let t9 = 1.0 / sum7;
  for (var part = 0; part < (25 + rowLanes - 1) / rowLanes; part++) {
    let j = (part * rowLanes + i32(lane)) * 4;
    if (25 % rowLanes == 0 || j < 100) {
      mul_L12[(i * 100 + j) >> 2u] = kept1[part] * vec4<f32>(t9);
    }
  }
}
`,
  },
  {
    ...{"name":"k_mean_reduce","calls":["sum_f32"],"access":"rw","scalars":[],"groups":256,"row":{"lanes":128,"folds":{"sum_f32":"f32"}},"canFault":false,"at":"reduce, mul: text.test.ts:13"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> partial_2: array<f32>;
@compute @workgroup_size(groupSize)
fn k_mean_reduce(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
  let lane = invocation % rowLanes;
  let point = i32(rowAt(groupId.x + groupId.y * groups.x, invocation));
  if (point >= 256) { return; }
  let part0 = point;
  var sum2 = 0.0;
  var sum2_0 = vec4<f32>(0.0);
  for (var q1 = i32(lane) * 4; q1 < 4096; q1 += rowLanes * 4) {
    sum2_0 = sum2_0 + x[(part0 * 4096 + q1) >> 2u];
  }
  sum2 = sum2 + ((sum2_0.x + sum2_0.y) + (sum2_0.z + sum2_0.w));
  sum2 = combine_sum_f32(sum2, lane);
  if (lane == 0u) {
    partial_2[part0] = sum2;
  }
}
`,
  },
  {
    ...{"name":"k_mean_reduce_2","calls":["sum_f32"],"access":"wr","scalars":[],"groups":1,"row":{"lanes":32,"folds":{"sum_f32":"f32"}},"canFault":false,"at":"reduce, mul: text.test.ts:13"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> mul_L13: array<f32>;
@group(0) @binding(1) var<storage, read> partial_2: array<vec4<f32>>;
@compute @workgroup_size(groupSize)
fn k_mean_reduce_2(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
  let lane = invocation % rowLanes;
  let point = i32(rowAt(groupId.x + groupId.y * groups.x, invocation));
  if (point >= 1) { return; }
  var sum3 = 0.0;
  var sum3_0 = vec4<f32>(0.0);
  for (var part0 = i32(lane) * 4; part0 < 256; part0 += rowLanes * 4) {
    sum3_0 = sum3_0 + partial_2[part0 >> 2u];
  }
  sum3 = sum3 + ((sum3_0.x + sum3_0.y) + (sum3_0.z + sum3_0.w));
  sum3 = combine_sum_f32(sum3, lane);
  if (lane == 0u) {
    mul_L13[0] = sum3 * 9.5367431640625e-7;
  }
}
`,
  },
  {
    ...{"name":"k_layer_fc_dot","calls":[],"access":"rrrw","scalars":["B"],"groups":"((((B+7)//(8))+7)//(8))","canFault":false,"at":"dot, add, le, select: text.test.ts:14"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> fc_weight: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> fc_bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> select_L14: array<f32>;
struct Sizes { n_B: i32 }
@group(0) @binding(4) var<uniform> sizes: Sizes;
fn finish(i: i32, j: i32, sum0: f32) {
  if (i < sizes.n_B) {
    let t1 = sum0 + fc_bias[j];
    select_L14[i * 48 + j] = select(t1, 0.0, t1 <= 0.0);
  }
}
@compute @workgroup_size(64)
fn k_layer_fc_dot(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = i32(groupId.x + groupId.y * groups.x);
  let groupsAcross = 1;
  let row = (group / groupsAcross) * 8 + i32(lane) / 8;
  let column = (group % groupsAcross) * 8 + i32(lane) % 8;
  if (row >= (((sizes.n_B + 7) / 8)) || column >= 6) { return; }
  let i_block = row;
  let j_block = column;
  var sum_0_0 = vec4f(0); var sum_0_1 = vec4f(0);
  var sum_1_0 = vec4f(0); var sum_1_1 = vec4f(0);
  var sum_2_0 = vec4f(0); var sum_2_1 = vec4f(0);
  var sum_3_0 = vec4f(0); var sum_3_1 = vec4f(0);
  var sum_4_0 = vec4f(0); var sum_4_1 = vec4f(0);
  var sum_5_0 = vec4f(0); var sum_5_1 = vec4f(0);
  var sum_6_0 = vec4f(0); var sum_6_1 = vec4f(0);
  var sum_7_0 = vec4f(0); var sum_7_1 = vec4f(0);
  for (var r_block = 0; r_block < 16; r_block++) {
    let at_2 = j_block * 128 + r_block;
    let fc_weight_vector = fc_weight[at_2];
    let fc_weight_vector_2 = fc_weight[at_2 + 16];
    let fc_weight_vector_3 = fc_weight[at_2 + 32];
    let fc_weight_vector_4 = fc_weight[at_2 + 48];
    let fc_weight_vector_5 = fc_weight[at_2 + 64];
    let fc_weight_vector_6 = fc_weight[at_2 + 80];
    let fc_weight_vector_7 = fc_weight[at_2 + 96];
    let fc_weight_vector_8 = fc_weight[at_2 + 112];
    let at_3 = i_block * 128 + r_block;
    let x_vector = x[at_3];
    let x_vector_2 = x[at_3 + 16];
    let x_vector_3 = x[at_3 + 32];
    let x_vector_4 = x[at_3 + 48];
    let x_vector_5 = x[at_3 + 64];
    let x_vector_6 = x[at_3 + 80];
    let x_vector_7 = x[at_3 + 96];
    let x_vector_8 = x[at_3 + 112];
    let right_0_0 = mat4x4f(vec4f(fc_weight_vector.x, fc_weight_vector_2.x, fc_weight_vector_3.x, fc_weight_vector_4.x), vec4f(fc_weight_vector.y, fc_weight_vector_2.y, fc_weight_vector_3.y, fc_weight_vector_4.y), vec4f(fc_weight_vector.z, fc_weight_vector_2.z, fc_weight_vector_3.z, fc_weight_vector_4.z), vec4f(fc_weight_vector.w, fc_weight_vector_2.w, fc_weight_vector_3.w, fc_weight_vector_4.w));
    let right_1_0 = mat4x4f(vec4f(fc_weight_vector_5.x, fc_weight_vector_6.x, fc_weight_vector_7.x, fc_weight_vector_8.x), vec4f(fc_weight_vector_5.y, fc_weight_vector_6.y, fc_weight_vector_7.y, fc_weight_vector_8.y), vec4f(fc_weight_vector_5.z, fc_weight_vector_6.z, fc_weight_vector_7.z, fc_weight_vector_8.z), vec4f(fc_weight_vector_5.w, fc_weight_vector_6.w, fc_weight_vector_7.w, fc_weight_vector_8.w));
    sum_0_0 += right_0_0 * x_vector;
    sum_0_1 += right_1_0 * x_vector;
    sum_1_0 += right_0_0 * x_vector_2;
    sum_1_1 += right_1_0 * x_vector_2;
    sum_2_0 += right_0_0 * x_vector_3;
    sum_2_1 += right_1_0 * x_vector_3;
    sum_3_0 += right_0_0 * x_vector_4;
    sum_3_1 += right_1_0 * x_vector_4;
    sum_4_0 += right_0_0 * x_vector_5;
    sum_4_1 += right_1_0 * x_vector_5;
    sum_5_0 += right_0_0 * x_vector_6;
    sum_5_1 += right_1_0 * x_vector_6;
    sum_6_0 += right_0_0 * x_vector_7;
    sum_6_1 += right_1_0 * x_vector_7;
    sum_7_0 += right_0_0 * x_vector_8;
    sum_7_1 += right_1_0 * x_vector_8;
  }
  var sums_0 = array<vec4f, 8>(sum_0_0, sum_1_0, sum_2_0, sum_3_0, sum_4_0, sum_5_0, sum_6_0, sum_7_0);
  var sums_1 = array<vec4f, 8>(sum_0_1, sum_1_1, sum_2_1, sum_3_1, sum_4_1, sum_5_1, sum_6_1, sum_7_1);
  for (var nth = 0; nth < 8; nth++) {
    finish(i_block * 8 + nth, j_block * 8, sums_0[nth].x);
    finish(i_block * 8 + nth, j_block * 8 + 1, sums_0[nth].y);
    finish(i_block * 8 + nth, j_block * 8 + 2, sums_0[nth].z);
    finish(i_block * 8 + nth, j_block * 8 + 3, sums_0[nth].w);
    finish(i_block * 8 + nth, j_block * 8 + 4, sums_1[nth].x);
    finish(i_block * 8 + nth, j_block * 8 + 5, sums_1[nth].y);
    finish(i_block * 8 + nth, j_block * 8 + 6, sums_1[nth].z);
    finish(i_block * 8 + nth, j_block * 8 + 7, sums_1[nth].w);
  }
}
`,
  },
  {
    ...{"name":"k_place_reduce","calls":["sum_f32"],"access":"rw","scalars":["B"],"groups":4,"row":{"lanes":32,"folds":{"sum_f32":"f32"}},"canFault":false,"at":"mul, reduce: text.test.ts:15"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> reduce_L15: array<f32>;
struct Sizes { n_B: i32 }
@group(0) @binding(2) var<uniform> sizes: Sizes;
@compute @workgroup_size(groupSize)
fn k_place_reduce(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
  let lane = invocation % rowLanes;
  let point = i32(rowAt(groupId.x + groupId.y * groups.x, invocation));
  if (point >= 4) { return; }
  let i = point;
  var sum0 = 0.0;
  for (var r = i32(lane); r < sizes.n_B; r += rowLanes) {
    sum0 = sum0 + (x[i + r * 4] * 0.0);
  }
  sum0 = combine_sum_f32(sum0, lane);
  if (lane == 0u) {
    reduce_L15[i] = sum0;
  }
}
`,
  },
  {
    ...{"name":"k_place_scatter","calls":[],"access":"rw","scalars":[],"groups":1,"canFault":false,"at":"scatter: text.test.ts:15"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> reduce_L15: array<f32>;
@group(0) @binding(1) var<storage, read_write> scatter_L15: array<f32>;
@compute @workgroup_size(64)
fn k_place_scatter(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let point = i32((groupId.x + groupId.y * groups.x) * 64u + lane);
  if (point >= 20) { return; }
  let c0 = point / 4;
  let c1 = point % 4;
  scatter_L15[c0 * 4 + c1] = reduce_L15[c1];
}
`,
  },
  {
    ...{"name":"k_place_scatter_2","calls":["checkIndex"],"access":"rrw","scalars":["B"],"groups":4,"canFault":true,"at":"scatter: text.test.ts:15"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> at_2: array<i32>;
@group(0) @binding(2) var<storage, read_write> scatter_L15: array<f32>;
struct Sizes { n_B: i32 }
@group(0) @binding(3) var<uniform> sizes: Sizes;
@group(0) @binding(4) var<storage, read_write> fault: array<atomic<u32>, 4>;
@compute @workgroup_size(64)
fn k_place_scatter_2(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let point = i32((groupId.x + groupId.y * groups.x) * 64u + lane);
  if (point >= 256) { return; }
  let owner0 = point / 4;
  let u1 = point % 4;
  for (var u0 = 0; u0 < sizes.n_B; u0++) {
    if ((checkIndex(at_2[u0], 5, 1u) * 4 - owner0 + u1) >= 0 && (checkIndex(at_2[u0], 5, 1u) * 4 - owner0 + u1) < 1) {
      scatter_L15[checkIndex(at_2[u0], 5, 1u) * 4 + u1] = scatter_L15[checkIndex(at_2[u0], 5, 1u) * 4 + u1] + x[u0 * 4 + u1];
    }
  }
}
`,
  },
  {
    ...{"name":"k_put_scatter","calls":["checkIndex"],"access":"rrw","scalars":["B"],"groups":4,"canFault":true,"at":"scatter: text.test.ts:19"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> at_2: array<i32>;
@group(0) @binding(2) var<storage, read_write> scatter_L19: array<f32>;
struct Sizes { n_B: i32 }
@group(0) @binding(3) var<uniform> sizes: Sizes;
@group(0) @binding(4) var<storage, read_write> fault: array<atomic<u32>, 4>;
@compute @workgroup_size(64)
fn k_put_scatter(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let point = i32((groupId.x + groupId.y * groups.x) * 64u + lane);
  if (point >= 256) { return; }
  let owner0 = point / 4;
  let u1 = point % 4;
  for (var u0 = 0; u0 < sizes.n_B; u0++) {
    if ((checkIndex(at_2[u0], 5, 2u) * 4 - owner0 + u1) >= 0 && (checkIndex(at_2[u0], 5, 2u) * 4 - owner0 + u1) < 1) {
      scatter_L19[checkIndex(at_2[u0], 5, 2u) * 4 + u1] = x[u0 * 4 + u1];
    }
  }
}
`,
  },
  {
    ...{"name":"k_put_reduce_argReduce_gather","calls":["isNan_f32","checkIndex"],"access":"rw","scalars":[],"groups":1,"canFault":true,"at":"reduce, argReduce, gather: text.test.ts:20"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> scatter_L19: array<f32>;
@group(0) @binding(1) var<storage, read_write> gather_L20: array<f32>;
@group(0) @binding(2) var<storage, read_write> fault: array<atomic<u32>, 4>;
@compute @workgroup_size(64)
fn k_put_reduce_argReduce_gather(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let point = i32((groupId.x + groupId.y * groups.x) * 64u + lane);
  if (point >= 1) { return; }
  var best_max0 = 0.0;
  var max0 = -1;
  for (var r = 0; r < 5; r++) {
    var sum1 = 0.0;
    for (var r1 = 0; r1 < 4; r1++) {
      sum1 = sum1 + scatter_L19[r * 4 + r1];
    }
    let candidate = sum1;
    if (max0 < 0 || (!isNan_f32(best_max0) && (isNan_f32(candidate) || candidate > best_max0))) {
      best_max0 = candidate;
      max0 = r;
    }
  }
  for (var j = 0; j < 4; j++) {
    gather_L20[j] = scatter_L19[checkIndex(max0, 5, 3u) * 4 + j];
  }
}
`,
  },
  {
    ...{"name":"k_copy","calls":[],"access":"rw","scalars":[],"groups":1,"canFault":false,"heedsFault":true,"at":"copy"},
    text: /* wgsl */ `
@group(0) @binding(0) var<storage, read> table_before: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> table: array<vec4<f32>>;
@group(0) @binding(2) var<uniform> fault: vec4<u32>;
@compute @workgroup_size(64)
fn k_copy(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  if (fault.x == 0u) { return; }
  let point = i32((groupId.x + groupId.y * groups.x) * 64u + lane);
  if (point >= 5) { return; }
  let i0 = point * 4;
  table[i0 >> 2u] = table_before[i0 >> 2u];
}
`,
  },
];

/** Dense constants. */
export const constants = [];

/** What an index that is out of range was for. */
export const notes = ["scatter at at (text.test.ts:15)","scatter at at (text.test.ts:19)","gather (text.test.ts:20)"];

export const functions = {
  map: {
    symbols: ["B"],
    buffers: [
      {"input":"x"},
      {"slot":0},
    ],
    steps: [
      {"kernel":0,"args":[0,1]},
    ],
    slots: [["12*B"]],
    outputs: [1],
  },
  softmax: {
    symbols: ["B"],
    buffers: [
      {"input":"x"},
      {"slot":0},
    ],
    steps: [
      {"kernel":1,"args":[0,1]},
    ],
    slots: [["400*B"]],
    outputs: [1],
  },
  mean: {
    symbols: [],
    buffers: [
      {"input":"x"},
      {"slot":1},
      {"slot":0},
    ],
    steps: [
      {"kernel":2,"args":[0,2]},
      {"kernel":3,"args":[1,2]},
    ],
    slots: [[1024],[4]],
    outputs: [1],
  },
  layer: {
    symbols: ["B"],
    buffers: [
      {"input":"x"},
      {"variable":"fc.weight"},
      {"variable":"fc.bias"},
      {"slot":0},
    ],
    steps: [
      {"kernel":4,"args":[0,1,2,3]},
    ],
    slots: [["192*B"]],
    outputs: [3],
  },
  place: {
    symbols: ["B"],
    buffers: [
      {"input":"x"},
      {"input":"at"},
      {"slot":1},
      {"slot":0},
    ],
    steps: [
      {"kernel":5,"args":[0,2]},
      {"kernel":6,"args":[2,3]},
      {"kernel":7,"args":[0,1,3]},
    ],
    slots: [[80],[16]],
    outputs: [3],
  },
  put: {
    symbols: ["B"],
    buffers: [
      {"input":"x"},
      {"input":"at"},
      {"variable":"table"},
      {"slot":0},
      {"before":"table"},
    ],
    steps: [
      {"copy":[2,4],"bytes":80},
      {"kernel":8,"args":[0,1,2]},
      {"kernel":9,"args":[2,3]},
      {"kernel":10,"args":[4,2]},
    ],
    slots: [[16]],
    outputs: [3],
  },
};
