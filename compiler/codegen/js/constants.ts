import { storageType, storedArray, type DType, type TypedArray } from "../../../ir/types/index.ts";
import { literal } from "./code.ts";
import type { Helpers } from "./helpers.ts";
import type { Names } from "./names.ts";

/** Longest array of numbers that is written out; a longer one is base64. */
const writtenOut = 64;

/** Name of the typed array that a dtype's elements are stored in. */
export const arrayName = (dtype: DType): string => storageType[dtype].name;

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
    const elements = storedArray(dtype, data);
    if (data.length <= writtenOut) return `new ${arrayName(dtype)}([${Array.from(elements, (x) => literal(x).text).join(", ")}])`;
    // in little-endian order, as every engine that runs the artifact has them in memory
    return `new ${arrayName(dtype)}(${this.helpers.use("bytesOf")}("${Buffer.from(elements.buffer).toString("base64")}"))`;
  }

  print(): readonly string[] { return this.declarations; }
}
