import type { Model } from "../../../ir/graph/index.ts";
import { byteSize, dims, sizeOf, type Dim, type DType, type TypedArray } from "../../../ir/types/index.ts";
import type { Buffer, PlannedProgram } from "../../plan/program.ts";
import { usedBuffers } from "../js/program.ts";

/**
 * Where things are in linear memory. What has one size for ever lies at an address known here: variables, dense
 * constants, and for each program a table. Above it, at `end`, is the room for a call, which the runtime lays out for
 * each binding of the symbols and writes to the program's table: its inputs, filled constants, and the arena's slots.
 */
export interface Layout {
  readonly variables: ReadonlyMap<string, number>;
  readonly constants: readonly { readonly name: string; readonly dtype: DType; readonly data: TypedArray; readonly address: number }[];
  readonly tables: readonly Table[];
  readonly end: number;
}

/** The table of a program: i32s, first the addresses of its cells, then the values of its symbols. */
export interface Table {
  readonly program: PlannedProgram;
  readonly address: number;
  readonly cells: readonly Cell[];
  /** The cell of a buffer, or undefined where its address is known. */
  cellOf(b: Buffer): number | undefined;
}

export type Cell =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "fill"; readonly buffer: Buffer; readonly value: number }
  | { readonly kind: "slot"; readonly slot: number };

/** Where a vector, and any element, may begin. */
const alignment = 16;
export const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

export function layoutOf(programs: readonly PlannedProgram[], model: Pick<Model, "variables">): Layout {
  let end = alignment; // nothing is at 0
  const place = (bytes: number): number => {
    const at = end;
    end = aligned(end + bytes);
    return at;
  };
  const variables = new Map(model.variables.map((v) => [v.name, place(byteSize[v.type.dtype] * (dims.product(v.type.shape) as number))]));
  const constants: { name: string; dtype: DType; data: TypedArray; address: number }[] = [];
  for (const p of programs) {
    const used = usedBuffers(p);
    for (const b of p.buffers) {
      if (b.storage.kind !== "constant" || typeof b.storage.data === "number" || !used.has(b.id) || addressOfConstant(constants, b) !== undefined) continue;
      constants.push({ name: b.name, dtype: b.type.dtype, data: b.storage.data, address: place(byteSize[b.type.dtype] * (sizeOf(b.type) as number)) });
    }
  }
  const tables = programs.map((program): Table => {
    const used = usedBuffers(program);
    const cells: Cell[] = program.inputs.map(({ name }) => ({ kind: "input", name }));
    const byBuffer = new Map(program.inputs.map(({ buffer }, i) => [buffer, i]));
    for (const b of program.buffers)
      if (b.storage.kind === "constant" && typeof b.storage.data === "number" && used.has(b.id)) byBuffer.set(b.id, cells.push({ kind: "fill", buffer: b, value: b.storage.data }) - 1);
    const firstSlot = cells.length;
    program.slots.forEach((_, slot) => { cells.push({ kind: "slot", slot }); });
    return {
      program, cells, address: place(4 * (cells.length + program.symbols.length)),
      cellOf: (b) => byBuffer.get(b.id) ?? (b.storage.kind === "arena" && b.storage.slot !== null ? firstSlot + b.storage.slot : undefined),
    };
  });
  return { variables, constants, tables, end };
}

/** Bytes from one thread's copy of a scratch buffer to the next one's; `size` gives the text of a dimension. */
export function scratchBytes({ type }: Buffer, size: (d: Dim) => string): string {
  const bytes = dims.mul(sizeOf(type), byteSize[type.dtype]);
  if (typeof bytes === "number") return `(i32.const ${aligned(bytes)})`;
  return `(i32.and (i32.add ${size(bytes)} (i32.const ${alignment - 1})) (i32.const ${-alignment}))`;
}

/** The address of a variable or a dense constant. */
export function fixedAddress({ variables, constants }: Pick<Layout, "variables" | "constants">, b: Buffer): number | undefined {
  return b.storage.kind === "variable" ? variables.get(b.storage.name) : addressOfConstant(constants, b);
}

/** Programs of a model often share the data of a constant. */
function addressOfConstant(constants: Layout["constants"], { type, storage }: Buffer): number | undefined {
  if (storage.kind !== "constant" || typeof storage.data === "number") return undefined;
  const { data } = storage;
  return constants.find((c) => c.data === data || (c.dtype === type.dtype && c.data.length === data.length && c.data.every((x: number, i: number) => Object.is(x, data[i]))))?.address;
}
