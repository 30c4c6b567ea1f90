/**
 * Subgroup matrices for devices that have none: the text of a shader is changed so that operands stay in the memory of
 * the workgroup, where they are remembered, and each invocation of a subgroup has some of the sums. What is multiplied
 * and stored is the same, and so is where.
 */

/** As an adapter lists what its subgroups multiply. */
export interface MatrixConfig {
  readonly componentType: "f16" | "f32" | "u8" | "i8";
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

export const configOf = (componentType: MatrixConfig["componentType"], M: number, N: number, K: number, resultComponentType = "f32"): MatrixConfig => ({ componentType, resultComponentType, M, N, K });

export interface EmulatedDevice {
  readonly device: GPUDevice;
  /** Every shader that was made on it, as it was given. */
  readonly codes: readonly string[];
}

/**
 * A device that says it has `shader-f16`, and subgroups of `size` that multiply matrices of these kinds. Other than
 * that they cannot be used. `spoil` makes the emulation a wrong one.
 */
export function emulatedMatrices(device: GPUDevice, configs: readonly MatrixConfig[], size = 32, spoil: (code: string) => string = (code) => code): EmulatedDevice {
  const codes: string[] = [], features = new Set<string>([...device.features, "subgroups", "shader-f16", "chromium-experimental-subgroup-matrix"]);
  const emulated = new Proxy(device, {
    get(on, key) {
      if (key === "features") return features;
      if (key === "adapterInfo") return { subgroupMinSize: size, subgroupMaxSize: size, subgroupMatrixConfigs: configs };
      if (key === "createShaderModule") return (d: GPUShaderModuleDescriptor) => {
        codes.push(d.code);
        return on.createShaderModule({ ...d, code: spoil(withoutMatrices(withSubgroupsOf(size, d.code))) });
      };
      const value: unknown = Reflect.get(on, key);
      return typeof value === "function" ? (value.bind(on) as unknown) : value;
    },
  });
  return { device: emulated, codes };
}

/** The shader that asks how large subgroups are, and who is in which, answered. */
const withSubgroupsOf = (size: number, code: string): string => code.replace("= vec2(size, at);", `= vec2(${size}u, i % ${size}u);`);

/** The text of a shader without subgroup matrices and f16. Numbers of 16 bits are rounded where they arise. */
export function withoutMatrices(code: string): string {
  if (!code.includes("alias Sums")) return withoutF16(code);
  const text = withoutF16(code)
    .replace(/^(enable chromium_experimental_subgroup_matrix|diagnostic\(off, chromium\.subgroup_matrix_uniformity\));\n/gm, "")
    .replace(/\bsubgroup_matrix_(left|right)<Component, \w+, \w+>/g, "vec3<u32>")
    .replace("subgroup_matrix_result<f32, matrixColumns, matrixRows>", "array<f32, matrixRows * matrixColumns / subgroupSize>")
    .replace(/\bsubgroupMatrixLoad<(?:Left, (row|col)_major>\(&leftTile|Right, (row|col)_major>\(&rightTile), /g, (_, left?: string, right?: string) => `${left ?? right}Major(`)
    .replace(/\bsubgroupMatrixStore<(row|col)_major>\(&sumsTile, /g, "$1Store(")
    .replace(/(local_invocation_index\) lane: u32\) \{\n)/, "$1  own = lane % subgroupSize;\n");
  return text + matrixFunctions;
}

/** Where a matrix starts, and how far apart its rows and its columns are; products of one row and column at a time. */
const matrixFunctions = `
var<private> own: u32;
fn rowMajor(start: u32, stride: u32) -> vec3<u32> { return vec3(start, stride, 1u); }
fn colMajor(start: u32, stride: u32) -> vec3<u32> { return vec3(start, 1u, stride); }
fn subgroupMatrixMultiplyAccumulate(left: Left, right: Right, before: Sums) -> Sums {
  var sums = before;
  for (var i = 0u; i < matrixRows * matrixColumns / subgroupSize; i++) {
    let e = own + i * subgroupSize;
    for (var k = 0u; k < matrixSteps; k++) { sums[i] += leftTile[dot(left, vec3(1u, e / matrixColumns, k))] * rightTile[dot(right, vec3(1u, k, e % matrixColumns))]; }
  }
  return sums;
}
fn put(at: vec3<u32>, sums: Sums) {
  for (var i = 0u; i < matrixRows * matrixColumns / subgroupSize; i++) {
    let e = own + i * subgroupSize;
    sumsTile[dot(at, vec3(1u, e / matrixColumns, e % matrixColumns))] = sums[i];
  }
}
fn rowStore(start: u32, sums: Sums, stride: u32) { put(rowMajor(start, stride), sums); }
fn colStore(start: u32, sums: Sums, stride: u32) { put(colMajor(start, stride), sums); }
`;

/** Numbers of 16 bits in buffers as words, two to each, and elsewhere as those of 32 bits that they are. */
function withoutF16(code: string): string {
  const numbers = code
    .replace(/^enable f16;\n/gm, "")
    .replace(/(var<storage, read(?:_write)?> (\w+): array<)(f16|vec4<f16>)>;/g, (_, declared: string, name: string, type: string) => {
      if (type !== "f16") return `${declared}vec2<u32>>;`;
      return `${declared}${declared.includes("read_write") ? "atomic<u32>" : "u32"}>;\nfn half_${name}(at: i32) -> f32 { return unpack2x16float(${declared.includes("read_write") ? `atomicLoad(&${name}[at >> 1u])` : `${name}[at >> 1u]`})[at & 1]; }`;
    })
    .replace(/vec4<f32>\((\w+)\[at\]\)/g, "numbersOfF16($1[at])")
    .replace(/= bitcast<vec4<f16>>\(pairsOfF16\(value\)\);/g, "= pairsOfF16(value);")
    .replace(/return f32\((\w+)\[at\]\);/g, "return half_$1(at);")
    .replace(/(\w+)\[at\] = bitcast<vec2<f16>>\(bitsOfF16\(value\)\)\.x;/g, "let place = (u32(at) & 1u) * 16u;\n  atomicXor(&$1[at >> 1u], (((atomicLoad(&$1[at >> 1u]) >> place) & 0xffffu) ^ bitsOfF16(value)) << place);");
  if (!numbers.includes("alias Component = f16;")) return numbers;
  return `${numbers.replace("alias Component = f16;", "alias Component = f32;").replace(/= Component\((.*)\);$/gm, "= asComponent(f32($1));")}
fn asComponent(x: f32) -> Component { return unpack2x16float(pack2x16float(vec2(x, 0.0))).x; }`;
}
