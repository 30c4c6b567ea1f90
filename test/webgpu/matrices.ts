/**
 * Subgroup matrices for devices that have none: the text of a shader is changed so that every invocation has all of a
 * matrix in an array of its own, and every subgroup computes as often as it has invocations what it should compute
 * once. What is loaded, multiplied and stored is the same, and so is where; only who holds what is not.
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
 * A device that says it has `shader-f16` and multiplies matrices of these kinds, in subgroups of its own size. `spoil`
 * makes the emulation a wrong one.
 */
export function emulatedMatrices(device: GPUDevice, configs: readonly MatrixConfig[], spoil: (code: string) => string = (code) => code): EmulatedDevice {
  const codes: string[] = [], features = new Set<string>([...device.features, "shader-f16", "chromium-experimental-subgroup-matrix"]);
  const emulated = new Proxy(device, {
    get(on, key) {
      if (key === "features") return features;
      if (key === "adapterInfo") return { ...infoOf(on), subgroupMatrixConfigs: configs };
      if (key === "createShaderModule") return (d: GPUShaderModuleDescriptor) => { codes.push(d.code); return on.createShaderModule({ ...d, code: spoil(withoutMatrices(d.code)) }); };
      const value: unknown = Reflect.get(on, key);
      return typeof value === "function" ? (value.bind(on) as unknown) : value;
    },
  });
  return { device: emulated, codes };
}

const infoOf = ({ adapterInfo: { subgroupMinSize, subgroupMaxSize } }: GPUDevice): Partial<GPUAdapterInfo> => ({ subgroupMinSize, subgroupMaxSize });

/** The text of a shader without subgroup matrices and f16. Numbers of 16 bits are rounded where they arise. */
export function withoutMatrices(code: string): string {
  const functions = new Set<string>();
  const text = withoutF16(code)
    .replace(/^(enable chromium_experimental_subgroup_matrix|diagnostic\(off, chromium\.subgroup_matrix_uniformity\));\n/gm, "")
    .replace(/\bsubgroup_matrix_(left|right|result)<\w+, (\w+), (\w+)>/g, "array<array<f32, $2>, $3>")
    .replace(/\bsubgroupMatrixLoad<(\w+), (row|col)_major>\(&(\w+), /g, (_, type: string, order: string, tile: string) => {
      const [rows, columns] = type === "Left" ? ["matrixRows", "matrixSteps"] : ["matrixSteps", "matrixColumns"], name = `load_${tile}_${order}`;
      functions.add(`fn ${name}(start: u32, stride: u32) -> ${type} {
  var m: ${type};
  for (var r = 0u; r < ${rows}; r++) { for (var c = 0u; c < ${columns}; c++) { m[r][c] = ${tile}[start + ${order === "row" ? "r * stride + c" : "c * stride + r"}]; } }
  return m;
}`);
      return `${name}(`;
    })
    .replace(/\bsubgroupMatrixStore<(row|col)_major>\(&(\w+), /g, (_, order: string, tile: string) => {
      const name = `store_${tile}_${order}`;
      functions.add(`fn ${name}(start: u32, m: Sums, stride: u32) {
  for (var r = 0u; r < matrixRows; r++) { for (var c = 0u; c < matrixColumns; c++) { ${tile}[start + ${order === "row" ? "r * stride + c" : "c * stride + r"}] = m[r][c]; } }
}`);
      return `${name}(`;
    });
  if (!text.includes("subgroupMatrixMultiplyAccumulate(")) return text;
  functions.add(`fn subgroupMatrixMultiplyAccumulate(left: Left, right: Right, before: Sums) -> Sums {
  var sums = before;
  for (var r = 0u; r < matrixRows; r++) { for (var c = 0u; c < matrixColumns; c++) { for (var k = 0u; k < matrixSteps; k++) { sums[r][c] += left[r][k] * right[k][c]; } } }
  return sums;
}`);
  return `${text}\n${[...functions].join("\n")}`;
}

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
