enable f16;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
const matrixRows = 16;
const matrixColumns = 16;
const matrixSteps = 16;
const subgroupSize = 32;
const groupSize = 32;
alias Component = f16;
alias Left = subgroup_matrix_left<Component, matrixSteps, matrixRows>;
alias Right = subgroup_matrix_right<Component, matrixColumns, matrixSteps>;
alias Sums = subgroup_matrix_result<f32, matrixColumns, matrixRows>;
// Infinity and NaN: no constant may be one.
fn special_f32(bits: u32) -> f32 {
  var b = bits;
  return bitcast<f32>(b);
}
// The nearest f16, of two the even one: the bits of an f32 count on from one to the next as numbers do.
fn roundF16_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let sign = bits & 0x80000000u;
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return x; }
  if (size >= 0x477ff000u) { return special_f32(sign | 0x7f800000u); }
  if (size >= 0x38800000u) { return bitcast<f32>(sign | ((size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u)); }
  // below 2^-14 in steps of 2^-24, which are those of an f32 between 0.5 and 1
  let steps = bitcast<u32>(bitcast<f32>(size) + 0.5) - 0x3f000000u;
  return bitcast<f32>(sign | bitcast<u32>(f32(steps) * 5.9604644775390625e-8));
}
fn numberOfF16(word: u32, at: i32) -> f32 {
  return unpack2x16float(word)[at & 1];
}
fn numbersOfF16(words: vec2<u32>) -> vec4<f32> {
  return vec4(unpack2x16float(words.x), unpack2x16float(words.y));
}
// Of two that are as near the even one: the bits of an f32 count on from one to the next as numbers do. Below 2^-14 in
// steps of 2^-24, which are those of an f32 between 0.5 and 1; what is too large is infinite, and a NaN stays one.
fn bitsOfF16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  let near = min(size, 0x47800000u);
  let normal = (near - 0x38000000u + 0xfffu + ((near >> 13u) & 1u)) >> 13u;
  let small = bitcast<u32>(bitcast<f32>(size) + 0.5) - 0x3f000000u;
  return ((bits >> 16u) & 0x8000u) | select(0u, 0x200u, size > 0x7f800000u) | select(normal, small, size < 0x38800000u);
}

@group(0) @binding(0) var<storage, read> x: array<f16>;
fn read_x(at: i32) -> f32 {
  return f32(x[at]);
}
@group(0) @binding(1) var<storage, read> w: array<f16>;
fn read_w(at: i32) -> f32 {
  return f32(w[at]);
}
@group(0) @binding(2) var<storage, read> b: array<f16>;
fn read_b(at: i32) -> f32 {
  return f32(b[at]);
}
@group(0) @binding(3) var<storage, read_write> select_L1: array<f16>;
fn read_select_L1(at: i32) -> f32 {
  return f32(select_L1[at]);
}
fn write_select_L1(at: i32, value: f32) {
  select_L1[at] = bitcast<vec2<f16>>(bitsOfF16(value)).x;
}
struct Sizes { n_B: i32 }
@group(0) @binding(4) var<uniform> sizes: Sizes;
var<workgroup> leftTile: array<Component, 1280>;
var<workgroup> rightTile: array<Component, 1280>;
var<workgroup> sumsTile: array<f32, 1 * matrixRows * matrixColumns>;
fn finish(batch: i32, row: i32, column: i32, sum0: f32) {
  if (row < sizes.n_B && column < 40) {
    let i = row;
    let j = column;
    let t1 = sum0 + read_b(j);
    write_select_L1(i * 40 + j, select(t1, 0.0, roundF16_f32(t1) <= 0.0));
  }
}
@compute @workgroup_size(groupSize)
fn k_f_dot(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let tile = i32(groupId.x + groupId.y * groups.x);
  let tilesAcross = (40 + 31) / 32;
  let tilesDown = (sizes.n_B + 31) / 32;
  let batch = tile / (tilesAcross * tilesDown);
  if (batch >= 1) { return; }
  let row0 = ((tile / tilesAcross) % tilesDown) * 32;
  let column0 = (tile % tilesAcross) * 32;
  let subgroup = i32(lane) / subgroupSize;
  let up = subgroup * 32;
  let along = 0;
  var sums: array<array<Sums, 32 / matrixColumns>, 32 / matrixRows>;
  for (var first = 0; first < 64; first += 32) {
    for (var q = i32(lane); q < 1024; q += groupSize) {
      let at = q / 32;
      let step = q % 32;
      let place = min(row0 + at, (sizes.n_B - 1));
      let depth = first + step;
      {
        let i = place;
        let r = depth;
        leftTile[at * 40 + step] = Component(select(0.0, read_x(i * 64 + r), row0 + at < sizes.n_B));
      }
    }
    for (var q = i32(lane); q < 1024; q += groupSize) {
      let at = q / 32;
      let step = q % 32;
      let place = min(column0 + at, 39);
      let depth = first + step;
      {
        let j = place;
        let r = depth;
        rightTile[at * 40 + step] = Component(select(0.0, read_w(j * 64 + r), column0 + at < 40));
      }
    }
    workgroupBarrier();
    for (var step = 0; step < 32; step += matrixSteps) {
      var rights: array<Right, 32 / matrixColumns>;
      for (var aside = 0; aside < 32 / matrixColumns; aside++) {
        rights[aside] = subgroupMatrixLoad<Right, col_major>(&rightTile, u32((along + aside * matrixColumns) * 40 + step), 40);
      }
      for (var down = 0; down < 32 / matrixRows; down++) {
        let left = subgroupMatrixLoad<Left, row_major>(&leftTile, u32((up + down * matrixRows) * 40 + step), 40);
        for (var aside = 0; aside < 32 / matrixColumns; aside++) {
          sums[down][aside] = subgroupMatrixMultiplyAccumulate(left, rights[aside], sums[down][aside]);
        }
      }
    }
    workgroupBarrier();
  }
  let mine = subgroup * matrixRows * matrixColumns;
  for (var down = 0; down < 32 / matrixRows; down++) {
    for (var aside = 0; aside < 32 / matrixColumns; aside++) {
      subgroupMatrixStore<row_major>(&sumsTile, u32(mine), sums[down][aside], matrixColumns);
      workgroupBarrier();
      for (var s = i32(lane) % subgroupSize; s < matrixRows * matrixColumns; s += subgroupSize) {
        finish(batch, row0 + up + down * matrixRows + s / matrixColumns, column0 + along + aside * matrixColumns + s % matrixColumns, sumsTile[mine + s]);
      }
      workgroupBarrier();
    }
  }
}

