import { readInput, type Arrived } from "../inputs.ts";
import type { ValueSpec } from "../manifest.ts";
import { typeText } from "../tensor.ts";
import type { TypedArray } from "../types.ts";
import { wholeVectors } from "./memory.ts";
import { usage } from "./usage.ts";
import { bytesOf, copiedBytes } from "./words.ts";

/** An input: elements to upload, or a buffer that is on the device already. */
export interface Given {
  readonly arrived: Arrived;
  readonly data: TypedArray | undefined;
  readonly buffer: GPUBuffer | undefined;
  /** Where it is copied from, as kernels could not read its last elements where they are: they read whole vectors. Or as it is a result of the model's, where the call may write before it reads. */
  readonly from?: GPUBuffer;
  /** Number of the call that it is a result of, which must be the last before the one that takes it. */
  readonly madeBy?: number | undefined;
}

/** Takes what a caller gave for `spec`: what every device takes, or a `GPUBuffer`, or a tensor on the device. */
export function arrive(spec: ValueSpec, value: unknown): Given {
  const onDevice = isBuffer(value) ? { buffer: value, shape: undefined } : isDeviceTensor(value) ? value : undefined;
  if (!onDevice) {
    const arrived = readInput(spec, value);
    return { arrived, data: arrived.data, buffer: undefined };
  }
  const { buffer, shape } = onDevice, expected = `${spec.name} is ${typeText(spec.dtype, spec.shape)}`;
  if ("dtype" in onDevice && onDevice.dtype !== spec.dtype) throw new Error(`${expected}, not ${String(onDevice.dtype)}: convert it first`);
  if ((buffer.usage & usage.storage) === 0) throw new Error(`${expected}: the buffer given for it was made without GPUBufferUsage.STORAGE`);
  const length = shape ? shape.reduce((a, b) => a * b, 1) : Math.floor(buffer.size / bytesOf(spec.dtype, 1)), needed = copiedBytes(spec.dtype, length);
  if (needed > buffer.size) throw new Error(`${expected}: a buffer of ${buffer.size} bytes cannot hold ${length} elements, which take ${needed}`);
  // only the number of elements is looked at
  const arrived = { data: { length } as TypedArray, shape }, bytes = wholeVectors(needed);
  if (buffer.size >= bytes) return { arrived, data: undefined, buffer };
  if ((buffer.usage & usage.copySrc) === 0) throw new Error(`${expected}: the buffer given for it has ${buffer.size} bytes, and kernels read whole vectors: make it of ${bytes} bytes, or with GPUBufferUsage.COPY_SRC to have it copied`);
  return { arrived, data: undefined, buffer: undefined, from: buffer };
}

const isBuffer = (value: unknown): value is GPUBuffer => typeof value === "object" && value !== null && "mapAsync" in value && "usage" in value;
const isDeviceTensor = (value: unknown): value is { dtype: unknown; shape: readonly number[]; buffer: GPUBuffer } =>
  typeof value === "object" && value !== null && "buffer" in value && "shape" in value && isBuffer(value.buffer);
