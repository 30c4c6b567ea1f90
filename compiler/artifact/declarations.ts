import type { FunctionSpec, ModelSpec, ValueSpec } from "../../runtime/index.ts";

/**
 * `<name>.d.ts`: the model's functions with exact input and output names, dtypes and shapes, and its variables by
 * name. `imports` is where the types of the runtime come from, as a statement; or their text.
 */
export function declarations(spec: ModelSpec, generator: string, imports: string): string {
  const type = pascalCase(spec.name);
  const functions = Object.entries(spec.functions).filter(([name]) => !name.startsWith("$"));
  const names = (role: "parameter" | "state"): string =>
    spec.variables.filter((v) => v.role === role).map((v) => JSON.stringify(v.name)).join(" | ") || "never";
  return `// ${spec.name}, built by ${generator}.
${imports}

/** The variables of ${spec.name}. */
export interface ${type}Variables {
${spec.variables.map((v) => `  /** ${v.role}, ${typeDoc(v)} */\n  ${JSON.stringify(v.name)}: ${tensor("Tensor", v)};\n`).join("")}}
export type ParameterName = ${names("parameter")};
export type StateName = ${names("state")};

/** The functions of ${spec.name}.${symbolDoc(spec)} */
export interface ${type}Functions {
${functions.map(([name, f]) => functionText(name, f)).join("")}}

/** ${spec.name}, loaded: its functions and its variables. */
export interface ${type} extends ModelBase<${type}Variables>, ${type}Functions {
  readonly functions: ${type}Functions;
  /** The functions again, returning at once. */
  readonly sync: SyncFunctions<${type}Functions>;
}

${loadText(spec, type)}`;
}

/** `load`, by what its options say of the device where a GPU may be one. */
function loadText({ devices }: ModelSpec, type: string): string {
  const says = "/** Makes a model with variables of its own. Rejects where the artifact is damaged or `options` do not fit it. */";
  if (!devices.includes("webgpu")) return `${says}\nexport declare function load(options?: LoadOptions): Promise<${type}>;\n`;
  const others = devices.filter((d) => d !== "webgpu").map((d) => `"${d}"`).join(" | ");
  return `/** ${type} on a GPU: what reads variables is a promise. */
export interface ${type}OnGpu extends GpuModelBase<${type}Variables>, ${type}Functions {
  readonly functions: ${type}Functions;
  /** The functions again, with results that stay on the GPU. */
  readonly queue: QueueFunctions<${type}Functions>;
}

${says}
export declare function load(options: LoadOptions & { readonly device: "webgpu" | GpuDeviceLike }): Promise<${type}OnGpu>;
${others ? `export declare function load(options: LoadOptions & { readonly device: ${others} }): Promise<${type}>;
export declare function load(options?: LoadOptions): Promise<${type} | ${type}OnGpu>;` : `export declare function load(options?: LoadOptions): Promise<${type}OnGpu>;`}
`;
}

/** The statement that takes the types of the runtime from the file beside. */
export const importTypes = (spec: ModelSpec): string => `import type { CallOptions, LoadOptions, ModelBase, SyncFunctions, Tensor, TensorInput${spec.devices.includes("webgpu") ? ", GpuDeviceLike, GpuModelBase, QueueFunctions" : ""} } from "./runtime.js";`;

function functionText(name: string, { inputs, outputs }: FunctionSpec): string {
  const fields = (values: readonly ValueSpec[], type: string): string => values.map((v) => `    /** ${typeDoc(v)} */\n    readonly ${propertyName(v.name)}: ${tensor(type, v)};\n`).join("");
  const argument = inputs.length > 0 ? `inputs: {\n${fields(inputs, "TensorInput")}  }` : "inputs?: {}";
  const dtypes = outputs.map((o) => `${propertyName(o.name)}: "${o.dtype}"`).join("; ");
  return `  ${propertyName(name)}(${argument}, options?: CallOptions<${dtypes ? `{ ${dtypes} }` : "{}"}>): Promise<{\n${fields(outputs, "Tensor")}  }>;\n`;
}

const tensor = (type: string, v: ValueSpec): string =>
  `${type}<"${v.dtype}", readonly [${v.shape.map((d) => (typeof d === "number" ? d : "number")).join(", ")}]>`;

const typeDoc = (v: ValueSpec): string => `${v.dtype}[${v.shape.join(",")}]`;

function symbolDoc({ symbols }: ModelSpec): string {
  const ranges = Object.entries(symbols).map(([s, { min, max }]) => (max === undefined ? `${s} is at least ${min}` : `${s} is from ${min} to ${max}`));
  return ranges.length > 0 ? ` ${ranges.join("; ")}.` : "";
}

const propertyName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** `digits-net` as a type's name: `DigitsNet`. */
const pascalCase = (name: string): string => name.replace(/(?:^|[^A-Za-z0-9]+)(\w?)/g, (_, first: string) => first.toUpperCase());
