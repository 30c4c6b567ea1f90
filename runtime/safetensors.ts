import { arrayTypes, HostTensor, sizeOf } from "./tensor.ts";
import type { DType, Tensor, TensorLike, TypedArray } from "./types.ts";

/**
 * The safetensors format (huggingface.co/docs/safetensors): the length of a JSON header as a little-endian u64, the
 * header, and the elements. Of its dtypes, those that a model's variables can have; and I64, as PyTorch writes counts (of
 * batches seen, say), where the numbers fit an i32.
 */
const names: Record<DType, string> = { bool: "BOOL", u8: "U8", i32: "I32", u32: "U32", f16: "F16", bf16: "BF16", f32: "F32", f64: "F64" };
const dtypeOf = (name: unknown): DType | undefined => (Object.keys(names) as DType[]).find((d) => names[d] === name);

/** Tensors as a safetensors file, in the given order within each element size (the largest first, which aligns all). */
export function writeSafetensors(tensors: Readonly<Record<string, TensorLike>>, metadata: Readonly<Record<string, string>>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const ordered = Object.entries(tensors).sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) header[name] = { dtype: names[dtype], shape, data_offsets: [end, (end += data.byteLength)] };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(32, 8, start);
  new DataView(bytes.buffer).setUint32(0, start - 8, true);
  bytes.set(text, 8);
  let at = start;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** The tensors of a safetensors file, as copies. Throws where the file is damaged or has a dtype that no variable has. */
export function readSafetensors(file: Uint8Array | ArrayBuffer, what = "the safetensors file"): Map<string, Tensor> {
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  const damaged = (why: string): Error => new Error(`${what} is damaged: ${why}`);
  if (bytes.length < 8) throw damaged(`it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = 8 + view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (start > bytes.length) throw damaged(`its header should end at byte ${start}, and it has ${bytes.length}`);
  let header: Record<string, { dtype?: unknown; shape?: unknown; data_offsets?: unknown }>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as typeof header;
  } catch {
    throw damaged("its header is no JSON");
  }
  const tensors = new Map<string, Tensor>();
  let covered = start;
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { shape, data_offsets: offsets } = entry;
    if (!Array.isArray(shape) || !Array.isArray(offsets)) throw damaged(`its header does not say where "${name}" is`);
    const isWide = entry.dtype === "I64", dtype = isWide ? "i32" : dtypeOf(entry.dtype);
    if (!dtype) throw new Error(`${what} has "${name}" in ${String(entry.dtype)}, which no variable can be: convert it to F32`);
    const [from, to] = offsets as number[];
    const size = sizeOf(shape as number[]);
    if (!(from >= 0 && to - from === size * (isWide ? 8 : arrayTypes[dtype].BYTES_PER_ELEMENT) && start + to <= bytes.length)) throw damaged(`"${name}" is cut short or has another size than its shape`);
    const words = new arrayTypes[dtype](isWide ? 2 * size : size);
    new Uint8Array(words.buffer).set(bytes.subarray(start + from, start + to));
    const data = isWide ? words.filter((_, i) => i % 2 === 0) : words;
    if (isWide && data.some((low, i) => words[2 * i + 1] !== low >> 31)) throw new Error(`${what} has numbers in "${name}" that do not fit an i32`);
    covered = Math.max(covered, start + to);
    tensors.set(name, new HostTensor(dtype, shape as number[], data as TypedArray));
  }
  if (covered !== bytes.length) throw damaged(`it has ${bytes.length} bytes, and its tensors end at ${covered}`);
  return tensors;
}
