import type { Attribute, Constants, Graph, Node } from "./proto.ts";

/**
 * The forward workloads as ONNX graphs, as PyTorch exports such networks. Weights are names here that no node gives a
 * value: they come to the file when it is loaded, as constants, which lets the runtime fold and pack them.
 */
class Builder {
  readonly nodes: Node[] = [];
  readonly constants: Record<string, Constants[string]> = {};

  /** A node with one output. */
  op(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string { return this.ops(1, type, inputs, attributes)[0]; }

  ops(count: number, type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string[] {
    const outputs = Array.from({ length: count }, (_, i) => `${type.toLowerCase()}${this.nodes.length}${count === 1 ? "" : `_${i}`}`);
    this.nodes.push({ type, inputs, outputs, attributes });
    return outputs;
  }

  scalar(value: number): string { return this.constant({ dtype: "f32", shape: [], data: Float32Array.of(value) }); }
  integers(...values: number[]): string { return this.constant({ shape: [values.length], data: BigInt64Array.from(values, BigInt) }); }

  private constant(value: Constants[string]): string {
    const name = `constant${Object.keys(this.constants).length}`;
    this.constants[name] = value;
    return name;
  }

  /** PyTorch's linear layer on rows: the weight is [out, in]. */
  linear(x: string, name: string): string { return this.op("Gemm", [x, `${name}.weight`, `${name}.bias`], { transB: 1 }); }

  /** The same on the last axis of any tensor. */
  linearLast(x: string, name: string): string {
    return this.op("Add", [this.op("MatMul", [x, this.op("Transpose", [`${name}.weight`], { perm: [1, 0] })]), `${name}.bias`]);
  }

  layerNorm(x: string, name: string): string { return this.op("LayerNormalization", [x, `${name}.weight`, `${name}.bias`], { axis: -1, epsilon: 1e-5 }); }
  reshape(x: string, ...shape: number[]): string { return this.op("Reshape", [x, this.integers(...shape)]); }
}

type Shapes = Graph["inputs"];

const graph = (name: string, inputs: Shapes, output: readonly number[], build: (b: Builder) => string): Graph => {
  const b = new Builder(), result = build(b);
  return { name, inputs, outputs: { y: output }, constants: b.constants, nodes: [...b.nodes, { type: "Identity", inputs: [result], outputs: ["y"], attributes: {} }] };
};

const rows = { x: [4096, 512] };

function block(b: Builder): string {
  const normed = b.layerNorm("x", "block.norm1");
  const [q, k, v] = b.ops(3, "Split", [b.linearLast(normed, "block.qkv")], { axis: -1, num_outputs: 3 }).map((part) => b.reshape(part, 1, 128, 4, 64));
  const scores = b.op("MatMul", [b.op("Transpose", [q], { perm: [0, 2, 1, 3] }), b.op("Transpose", [k], { perm: [0, 2, 3, 1] })]);
  const attention = b.op("Softmax", [b.op("Mul", [scores, b.scalar(1 / 8)])], { axis: -1 });
  const mixed = b.op("Transpose", [b.op("MatMul", [attention, b.op("Transpose", [v], { perm: [0, 2, 1, 3] })])], { perm: [0, 2, 1, 3] });
  const y = b.op("Add", ["x", b.linearLast(b.reshape(mixed, 1, 128, 256), "block.proj")]);
  const hidden = b.op("Gelu", [b.linearLast(b.layerNorm(y, "block.norm2"), "block.fc1")]);
  return b.op("Add", [y, b.linearLast(hidden, "block.fc2")]);
}

function cnn(b: Builder): string {
  const stage = (x: string, name: string): string => {
    const convolved = b.op("Conv", [x, `${name}.weight`, `${name}.bias`], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    return b.op("MaxPool", [b.op("Relu", [convolved])], { kernel_shape: [2, 2], strides: [2, 2] });
  };
  return b.linear(b.op("Flatten", [stage(stage("x", "conv1"), "conv2")], { axis: 1 }), "fc");
}

/** PyTorch's three-dimensional result has no axis for the direction, ONNX's [steps, directions, batch, width] has. */
const lstm = (b: Builder): string => b.op("Squeeze", [b.op("LSTM", ["x", "W", "R", "B"], { hidden_size: 128 }), b.integers(1)]);

export const models: readonly Graph[] = [
  graph("W4i", { x: [32, 1, 28, 28] }, [32, 10], cnn),
  graph("W5", { x: [1, 128, 256] }, [1, 128, 256], block),
  graph("W6", { a: [1024, 1024], b: [1024, 1024] }, [1024, 1024], (b) => b.op("MatMul", ["a", "b"])),
  graph("W7a", rows, rows.x, (b) => b.op("Softmax", ["x"], { axis: -1 })),
  graph("W7b", rows, rows.x, (b) => b.layerNorm("x", "norm")),
  graph("W7c", rows, rows.x, (b) => b.op("Mul", [b.op("Gelu", [b.op("Add", [b.op("Mul", ["x", b.scalar(2)]), b.scalar(1)])]), b.op("Sigmoid", ["x"])])),
  graph("W8", { x: [32, 32, 128] }, [32, 32, 128], lstm),
  graph("W9", { x: [1, 784] }, [1, 10], (b) => b.linear(b.op("Relu", [b.linear("x", "net.0")]), "net.2")),
];
