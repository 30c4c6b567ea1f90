import type { TensorLike } from "chainrule/runtime";

/**
 * As much of ONNX's file format as the models here take: messages of onnx.proto3 (github.com/onnx/onnx) in the wire
 * format of protocol buffers, where a message is a row of fields, each its number with its value after it.
 */
export type Attribute = number | readonly number[] | string;

export interface Node {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Constants of a graph; shapes and axes are 64-bit integers, as ONNX wants them. */
export type Constants = Readonly<Record<string, TensorLike<"f32"> | { readonly shape: readonly number[]; readonly data: BigInt64Array }>>;

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly constants: Constants;
}

const irVersion = 9, opset = 20;
const float = 1, int64 = 7; // of TensorProto.DataType
const attributeTypes = { f: 1, i: 2, s: 3, ints: 7 };

type Bytes = readonly number[] | Uint8Array;

function varint(n: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(n)); // a negative one has ten bytes
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const join = (parts: readonly Bytes[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const integer = (field: number, value: number): Bytes => [...varint(field << 3), ...varint(value)];
const bytes = (field: number, value: Bytes): Bytes => join([varint((field << 3) | 2), varint(value.length), value]);
const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value));
const message = (field: number, ...fields: readonly Bytes[]): Bytes => bytes(field, join(fields));
const float32 = (field: number, value: number): Bytes => join([varint((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer)]);

function attribute(name: string, value: Attribute): Bytes {
  const typed = (type: number, ...fields: Bytes[]): Bytes => message(5, text(1, name), ...fields, integer(20, type));
  if (typeof value === "string") return typed(attributeTypes.s, text(4, value));
  if (typeof value !== "number") return typed(attributeTypes.ints, ...value.map((v) => integer(8, v)));
  return Number.isInteger(value) ? typed(attributeTypes.i, integer(3, value)) : typed(attributeTypes.f, float32(2, value));
}

const node = ({ type, inputs, outputs, attributes }: Node): Bytes =>
  message(1, ...inputs.map((name) => text(1, name)), ...outputs.map((name) => text(2, name)), text(4, type), ...Object.entries(attributes).map(([name, value]) => attribute(name, value)));

/** ValueInfoProto: a tensor of f32. */
const valueInfo = (field: number, [name, shape]: readonly [string, readonly number[]]): Bytes =>
  message(field, text(1, name), message(2, message(1, integer(1, float), message(2, ...shape.map((d) => message(1, integer(1, d)))))));

const initializers = (constants: Constants): Bytes[] => Object.entries(constants).map(([name, { shape, data }]) =>
  message(5, ...shape.map((d) => integer(1, d)), integer(2, data instanceof Float32Array ? float : int64), text(8, name), bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))));

/** A graph as a file, a ModelProto. */
export const encodeModel = ({ name, nodes, inputs, outputs, constants }: Graph): Uint8Array => join([
  integer(1, irVersion),
  message(8, text(1, ""), integer(2, opset)),
  message(7, ...nodes.map(node), text(2, name), ...initializers(constants), ...Object.entries(inputs).map((i) => valueInfo(11, i)), ...Object.entries(outputs).map((o) => valueInfo(12, o))),
]);

/**
 * A file with more constants in its graph. A message that follows another is merged with it: repeated fields are
 * continued, so that nothing needs to be read.
 */
export const withConstants = (model: Uint8Array, constants: Constants): Uint8Array => join([model, message(7, ...initializers(constants))]);
