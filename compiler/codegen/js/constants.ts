import { byteSize, type DType, type TypedArray } from "../../../ir/types/index.ts";
import { literal } from "./code.ts";
import type { Helpers } from "./helpers.ts";
import type { Names } from "./names.ts";

/** Longest array of numbers that is written out; a longer one is base64. */
const writtenOut = 64;

/** Name of the typed array of each dtype. */
export const arrayName: Record<DType, string> = {
  f32: "Float32Array", f64: "Float64Array", i32: "Int32Array", u32: "Uint32Array", u8: "Uint8Array", bool: "Uint8Array",
};

/** The dense constants of a module, each declared once. */
export class Constants {
  private readonly byContent = new Map<string, string>();
  private readonly declarations: string[] = [];
  private readonly names: Names;
  private readonly helpers: Helpers;
  constructor(names: Names, helpers: Helpers) {
    this.names = names;
    this.helpers = helpers;
  }

  /** The identifier of a constant array. */
  declare(wanted: string, dtype: DType, data: TypedArray): string {
    const value = this.value(dtype, data);
    let name = this.byContent.get(value);
    if (name === undefined) {
      this.byContent.set(value, (name = this.names.fresh(wanted)));
      this.declarations.push(`const ${name} = ${value};`);
    }
    return name;
  }

  private value(dtype: DType, data: TypedArray): string {
    if (data.length <= writtenOut) return `new ${arrayName[dtype]}([${Array.from(data, (x) => literal(x).text).join(", ")}])`;
    return `new ${arrayName[dtype]}(${this.helpers.use("bytesOf")}("${base64(dtype, data)}"))`;
  }

  print(): readonly string[] { return this.declarations; }
}

/** Elements in little-endian order, as every engine that runs the artifact has them in memory. */
function base64(dtype: DType, data: TypedArray): string {
  const bytes = Buffer.alloc(data.length * byteSize[dtype]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const [i, x] of data.entries()) {
    switch (dtype) {
      case "f32": view.setFloat32(4 * i, x, true); break;
      case "f64": view.setFloat64(8 * i, x, true); break;
      case "i32": view.setInt32(4 * i, x, true); break;
      case "u32": view.setUint32(4 * i, x, true); break;
      case "u8": case "bool": bytes[i] = x; break;
    }
  }
  return bytes.toString("base64");
}
