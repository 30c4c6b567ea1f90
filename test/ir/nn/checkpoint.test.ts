import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { readSafetensors } from "../../../compiler/interop/safetensors.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { defineModel, f32, i32, nn, type Scope, type Tensor } from "chainrule";
import { parametersOf } from "../layers.ts";
import { mistake } from "../mistake.ts";
import { Session } from "../session.ts";

const at = (name: string): string => `${import.meta.dirname}/checkpoint/${name}`;
const recorded = JSON.parse(readFileSync(at("tagger.json"), "utf8")) as { tokens: number[][]; logits: number[]; names: string[] };

/** The modules of checkpoint/make.py, as one writes them here. */
const block = (width: number) => nn.module({
  norm1: nn.layerNorm(width),
  self_attn: nn.multiheadAttention(width, 2, { batchFirst: true }),
  norm2: nn.layerNorm(width),
  mlp: nn.sequential(nn.linear(width, 2 * width), nn.gelu(), nn.linear(2 * width, width)),
  gain: nn.parameter([width]),
}, ({ norm1, self_attn, norm2, mlp, gain }) => (given: Tensor): Tensor => {
  const y = norm1(given);
  const x = given.add(self_attn(y, y, y, { isCausal: true })[0].mul(gain));
  return x.add(mlp(norm2(x)));
});

class Tagger {
  readonly embed; readonly layers; readonly encoder; readonly lstm; readonly norm; readonly head;
  constructor(scope: Scope) {
    this.embed = scope.use("embed", nn.embedding(11, 8));
    this.layers = scope.use("layers", nn.list([block(8), block(8)]));
    this.encoder = scope.use("encoder", nn.transformerEncoder(nn.transformerEncoderLayer(8, 2, { dimFeedforward: 12, batchFirst: true }), 1, nn.layerNorm(8)));
    this.lstm = scope.use("lstm", nn.lstm(8, 4, { bidirectional: true, batchFirst: true }));
    this.norm = scope.use("norm", nn.batchNorm1d(8));
    this.head = scope.use("head", nn.linear(8, 3));
  }
  forward(tokens: Tensor<["B", "T"], "i32">): Tensor {
    let x: Tensor = this.embed(tokens);
    for (const layer of this.layers) x = layer(x);
    const [y] = this.lstm(this.encoder(x));
    return this.head(this.norm(y.transpose(1, 2)).transpose(1, 2));
  }
}

const model = defineModel("tagger", (m) => {
  const tagger = m.use("tagger", Tagger);
  m.fn("tag", { tokens: i32("B", "T") }, ({ tokens }) => ({ logits: tagger.forward(tokens) }));
});

test("the variables have the names of the PyTorch module's state dict", () => {
  expect(model.variables.map((v) => v.name.replace(/^tagger\./, "")).sort()).toEqual([...recorded.names].sort());
});

test.each(["js", "wasm"] as const)("a checkpoint that PyTorch wrote loads by name, and computes what it computed there (%s)", async (target) => {
  const flat = defineModel("tagger", (m) => {
    const tagger = new Tagger(m);
    m.fn("tag", { tokens: i32("B", "T") }, ({ tokens }) => ({ logits: tagger.forward(tokens) }));
  });
  const loaded = await instantiate(compile(flat, { target }), { weights: readFileSync(at("tagger.safetensors")) });
  const { logits } = await loaded.functions.tag({ tokens: recorded.tokens });
  expect(logits.shape).toEqual([4, 5, 3]);
  expect(loaded.read("norm.num_batches_tracked").data[0]).toBe(1); // int64 there
  for (const [i, x] of [...logits.data].entries()) expect(x).toBeCloseTo(recorded.logits[i], 5);
});

test("the file is read in full: its names and shapes are the model's", () => {
  const file = readSafetensors(readFileSync(at("tagger.safetensors")), "tagger.safetensors");
  expect([...file.keys()].sort()).toEqual([...recorded.names].sort());
  for (const { name, type } of model.variables) expect(file.get(name.replace(/^tagger\./, ""))!.shape, name).toEqual(type.shape);
});

test("a module is called like a function, and its parts are its properties, whatever they are called", () => {
  const s = new Session(defineModel("net", (m) => {
    const net = m.use("net", nn.module({ name: nn.linear(2, 2, { bias: false, weightInit: [[1, 2], [3, 4]] }), length: nn.parameter([], { init: 10 }), seen: nn.buffer([], { init: 5 }) },
      ({ name, length, seen }) => (x: Tensor<["B", 2]>, factor: number) => name(x).mul(length).mul(factor).add(seen)));
    m.fn("f", { x: f32("B", 2) }, ({ x }) => ({ y: net(x, 2), w: net.name.weight, k: net.length }));
  }));
  expect(s.numbers("f", { x: [[1, 1]] })).toEqual({ y: [65, 145], w: [1, 2, 3, 4], k: [10] });
  expect(s.model.variables.map((v) => [v.name, v.role])).toEqual([["net.name.weight", "parameter"], ["net.length", "parameter"], ["net.seen", "state"]]);
  expect([...parametersOf(block(4)).keys()].slice(0, 3)).toEqual(["norm1.weight", "norm1.bias", "self_attn.in_proj_weight"]);
});

test("a variable outside a module is a mistake", () => {
  expect(mistake(() => defineModel("net", (m) => { m.use("w", nn.parameter([2])); }))).toMatch(/nn.parameter and nn.buffer are parts of nn.module/);
});
