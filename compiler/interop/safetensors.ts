import { GraphError } from "../../ir/graph/index.ts";
import { arrayType, byteSize, storedArray, unstored, type DType, type TypedArray } from "../../ir/types/index.ts";

/**
 * The safetensors format (huggingface.co/docs/safetensors): the length of a JSON header as a little-endian u64, the
 * header, then the elements. Written in the dtypes of a model; read in every dtype the format has that a model can
 * hold: integers of other sizes become i32 where their values fit. `data` has numbers: those of halves in a Float32Array.
 */
export interface NamedTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

const nameOf: Record<DType, string> = { bool: "BOOL", u8: "U8", i32: "I32", u32: "U32", f16: "F16", bf16: "BF16", f32: "F32", f64: "F64" };

/** Writes tensors, the widest elements first, so that each begins where its elements are aligned. */
export function writeSafetensors(tensors: ReadonlyMap<string, NamedTensor>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const ordered = [...tensors].sort(([, a], [, b]) => byteSize[b.dtype] - byteSize[a.dtype]);
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let end = 0;
  for (const [name, t] of ordered) {
    const bytes = t.data.length * byteSize[t.dtype];
    header[name] = { dtype: nameOf[t.dtype], shape: t.shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const headerSize = Math.ceil(text.length / 8) * 8;
  const file = Buffer.alloc(8 + headerSize + end, " ");
  file.writeBigUInt64LE(BigInt(headerSize));
  text.copy(file, 8);
  let at = 8 + headerSize;
  for (const [, { dtype, data }] of ordered) {
    const elements = storedArray(dtype, data);
    Buffer.from(elements.buffer).copy(file, at);
    at += elements.byteLength;
  }
  return file;
}

/** Elements of a dtype of the format: how wide, what they become, and how one is read. */
interface Reader {
  readonly bytes: number;
  readonly dtype: DType;
  read(view: DataView, at: number): number;
}

const readers: Readonly<Record<string, Reader>> = {
  BOOL: { bytes: 1, dtype: "bool", read: (v, at) => Number(v.getUint8(at) !== 0) },
  U8: { bytes: 1, dtype: "u8", read: (v, at) => v.getUint8(at) },
  I8: { bytes: 1, dtype: "i32", read: (v, at) => v.getInt8(at) },
  I16: { bytes: 2, dtype: "i32", read: (v, at) => v.getInt16(at, true) },
  U16: { bytes: 2, dtype: "i32", read: (v, at) => v.getUint16(at, true) },
  I32: { bytes: 4, dtype: "i32", read: (v, at) => v.getInt32(at, true) },
  U32: { bytes: 4, dtype: "u32", read: (v, at) => v.getUint32(at, true) },
  I64: { bytes: 8, dtype: "i32", read: (v, at) => within32(v.getBigInt64(at, true)) },
  U64: { bytes: 8, dtype: "i32", read: (v, at) => within32(v.getBigUint64(at, true)) },
  F16: { bytes: 2, dtype: "f16", read: (v, at) => unstored("f16", v.getUint16(at, true)) },
  BF16: { bytes: 2, dtype: "bf16", read: (v, at) => unstored("bf16", v.getUint16(at, true)) },
  F32: { bytes: 4, dtype: "f32", read: (v, at) => v.getFloat32(at, true) },
  F64: { bytes: 8, dtype: "f64", read: (v, at) => v.getFloat64(at, true) },
};

function within32(x: bigint): number {
  const n = Number(x);
  if (n < -(2 ** 31) || n >= 2 ** 31) throw new GraphError(`the value ${x} does not fit in i32`, "there is no 64-bit integer dtype here");
  return n;
}

/** Reads a file. Throws a GraphError, naming `what`, where it is damaged or has a dtype that no tensor here can have. */
export function readSafetensors(file: Uint8Array, what = "the safetensors file"): Map<string, NamedTensor> {
  const damaged = (why: string): GraphError => new GraphError(`${what} is damaged: ${why}`, "download or save it again");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 8) throw damaged(`it has ${file.length} bytes`);
  const start = 8 + Number(view.getBigUint64(0, true));
  if (start > file.length) throw damaged(`its header should end at byte ${start}, and it has ${file.length}`);
  let header: Record<string, { dtype?: string; shape?: number[]; data_offsets?: [number, number] }>;
  try {
    header = JSON.parse(new TextDecoder().decode(file.subarray(8, start))) as typeof header;
  } catch {
    throw damaged("its header is no JSON");
  }
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { dtype = "", shape, data_offsets }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const reader = readers[dtype];
    if (!reader) throw new GraphError(`${what}: "${name}" has dtype ${dtype}, which nothing here can hold`, `convert it to one of ${Object.keys(readers).join(", ")}`);
    if (!Array.isArray(shape) || !Array.isArray(data_offsets)) throw damaged(`its header does not say where "${name}" is`);
    const size = shape.reduce((a, b) => a * b, 1), [from, to] = data_offsets;
    if (!(from >= 0 && to - from === size * reader.bytes && start + to <= file.length)) throw damaged(`"${name}" is cut short or has another size than its shape`);
    const data = new arrayType[reader.dtype](size);
    for (let i = 0; i < size; i++) data[i] = reader.read(view, start + from + i * reader.bytes);
    tensors.set(name, { dtype: reader.dtype, shape, data });
  }
  return tensors;
}
