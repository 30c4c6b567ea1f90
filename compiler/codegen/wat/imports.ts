import { scalarRow, type ScalarName } from "../../../ir/ops/index.ts";
import { isFloat, type DType } from "../../../ir/types/index.ts";
import { Helpers } from "../js/helpers.ts";

/** An op that a module imports as JavaScript: the op's own, in double precision or 32-bit integers. */
export interface ImportedOp {
  readonly name: string;
  readonly op: ScalarName;
  readonly operands: "f64" | "i32" | "u32";
}

/** What stands for an op on operands of a dtype: f32 goes as f64, as JavaScript computes. */
export function importedOp(op: ScalarName, dtype: DType): ImportedOp {
  const operands = isFloat(dtype) ? "f64" : dtype === "i32" ? "i32" : "u32";
  return { name: `${op}_${operands}`, op, operands };
}

/** Its declaration in the module. */
export function importText({ name, op, operands }: ImportedOp): string {
  const row = scalarRow(op), type = operands === "f64" ? "f64" : "i32";
  return `(import "op" "${name}" (func $${name} (param ${Array.from({ length: row.arity }, () => type).join(" ")}) (result ${row.result ? "i32" : type})))`;
}

/** The JavaScript functions, as entries of an object; `helpers` notes what they call. */
export function importFunctions(imports: readonly ImportedOp[], helpers: Helpers): string[] {
  return imports.map(({ name, op, operands }) => {
    const row = scalarRow(op), isInt = operands !== "f64" && row.jsInt !== undefined;
    const f = helpers.fromTemplate(isInt ? `${op}Int` : op, isInt ? row.jsInt! : row.js, row.arity);
    if (operands !== "u32") return `${name}: ${f},`;
    // WebAssembly hands over an i32 with its sign
    const x = ["x", "y", "z", "w"].slice(0, row.arity);
    return `${name}: (${x.join(", ")}) => ${f}(${x.map((p) => `${p} >>> 0`).join(", ")}),`;
  });
}
