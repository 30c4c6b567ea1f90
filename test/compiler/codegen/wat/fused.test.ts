import binaryen from "binaryen";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { afterAll, describe, expect, test } from "vitest";
import { defineModel, f32, losses, nn, optim } from "chainrule";
import { instantiate } from "../../../../compiler/artifact/index.ts";
import { kernelsOf } from "../../../../compiler/artifact/module.ts";
import { multiplyAdd } from "../../../../compiler/codegen/wat/fused.ts";
import { assemble } from "../../../../compiler/codegen/wat/index.ts";
import { compile } from "../../../../compiler/pipeline.ts";
import { compile as compileVariant, fuse, hasRelaxedSimd } from "../../../../runtime/variants.ts";

// Node 20 has relaxed SIMD behind a flag; newer ones have no such flag
if (!hasRelaxedSimd()) setFlagsFromString("--experimental-wasm-relaxed-simd");

const [a, b, c] = ["a", "b", "c"].map((x) => `(local.get $${x})`);
/** A module of one function of three vectors in memory, which begins with `before`. */
const moduleOf = (value: string, before = ""): string => `(module (import "env" "memory" (memory 1 32768)) (func (export "f") (local $a v128) (local $b v128) (local $c v128)
  ${before}
  (local.set $a (v128.load (i32.const 16))) (local.set $b (v128.load (i32.const 32))) (local.set $c (v128.load (i32.const 48)))
  (v128.store (i32.const 64) ${value})))`;

const model = () => compile(defineModel("net", (m) => {
  const fc1 = m.use("fc1", nn.linear(20, 24)), fc2 = m.use("fc2", nn.linear(24, 8));
  m.trainStep("train", { x: f32("B", 20), y: f32("B", 8) }, ({ x, y }) => losses.mse(fc2(fc1(x).tanh()), y), optim.sgd({ lr: 0.1 }));
}), { target: "wasm", grain: 1 });

/** What a binary says when it is read again. */
function textOf(code: Uint8Array): string {
  const module = binaryen.readBinary(code);
  module.setFeatures(binaryen.Features.All);
  expect(module.validate()).toBeTruthy();
  const text = module.emitText();
  module.dispose();
  return text;
}
const count = (text: string, what: string): number => text.split(what).length - 1;

describe("multiply-adds", () => {
  test("are two instructions, of which the runtime makes one", async () => {
    const { code, fused } = await assemble(moduleOf(multiplyAdd(a, b, multiplyAdd(b, b, c))));
    expect(fused).toHaveLength(4);
    expect(textOf(code)).not.toMatch(/relaxed|f64x2/);
    expect([count(textOf(code), "f32x4.mul"), count(textOf(code), "f32x4.add")]).toEqual([2, 2]);
    fuse(code, 0, fused);
    expect([count(textOf(code), "f32x4.mul"), count(textOf(code), "f32x4.add"), count(textOf(code), "f32x4.relaxed_madd")]).toEqual([0, 0, 2]);
  });

  test("other products and sums stay as they are, and so do numbers whose bytes are those of an instruction", async () => {
    // i32.const 31613 and 31741 are fd f6 01 and fd f7 01; so are bytes of these vectors and offsets
    const traps = `(i32.store offset=31613 (i32.const 31613) (i32.const 31741)) (f64.store (i32.const 0) (f64.const 8.3907474e-316))
      (v128.store (i32.const 128) (v128.const i32x4 0x01f6fdfd 0xfd01f6fd 0x01f7fdfd 0xfd01f7fd))
      (v128.store32_lane offset=31741 2 (i32.const 0) (i8x16.shuffle 0 1 2 3 1 1 1 1 1 1 1 1 1 1 1 1 ${a} ${b}))`;
    const plain = await assemble(moduleOf(`(f32x4.add (f32x4.mul ${a} ${b}) ${c})`, traps));
    expect(plain.fused).toEqual([]);
    const { code, fused } = await assemble(moduleOf(multiplyAdd(a, `(f32x4.add (f32x4.mul ${a} ${b}) ${c})`, c), traps));
    fuse(code, 0, fused);
    expect(fused).toHaveLength(2);
    expect(count(textOf(code), "f32x4.relaxed_madd")).toBe(1);
    expect([count(textOf(code), "f32x4.mul"), count(textOf(code), "f32x4.add")]).toEqual([1, 1]);
    for (const number of ["31613", "31741", "offset=31613", "0x01f6fdfd"]) expect(textOf(code)).toContain(number);
  });

  test("every one of a model's is found", async () => {
    const { text, code } = (await kernelsOf(model())).wasm!, { fused } = await assemble(text), marked = count(text.replace(/;;.*/g, ""), ";fused;");
    expect(marked).toBeGreaterThan(40);
    expect(fused).toHaveLength(marked);
    const bytes = code.slice();
    fuse(bytes, 0, fused);
    expect(2 * count(textOf(bytes), "f32x4.relaxed_madd")).toBe(marked);
  });
});

describe("a loaded model", () => {
  const x = { dtype: "f32" as const, shape: [5, 20], data: Float32Array.from({ length: 100 }, (_, i) => Math.sin(i)) }, y = { dtype: "f32" as const, shape: [5, 8], data: Float32Array.from({ length: 40 }, (_, i) => Math.cos(i)) };
  async function losses(options: { relaxedSimd?: boolean; threads?: number }): Promise<number[]> {
    const net = await instantiate(model(), options), train = net.sync.train;
    return Array.from({ length: 20 }, () => train({ x, y }).loss.item() as number);
  }

  test("rounds once where the engine can, twice where that is asked for, and either way the same on several threads", async () => {
    const [once, twice] = [await losses({}), await losses({ relaxedSimd: false })];
    expect(once).not.toEqual(twice);
    for (const [i, loss] of once.entries()) expect(Math.abs(loss - twice[i]) / loss).toBeLessThan(1e-5);
    expect(await losses({ threads: 2 })).toEqual(once);
    expect(await losses({ threads: 2, relaxedSimd: false })).toEqual(twice);
  });

  const servers: Server[] = [];
  afterAll(() => { for (const s of servers) s.close(); });
  test("is fused piece by piece while it is downloaded", async () => {
    const { code, fused } = await assemble(moduleOf(multiplyAdd(a, b, c)));
    const server = createServer((_, response) => {
      response.setHeader("content-type", "application/wasm");
      let at = 0;
      const next = (): void => {
        if (at >= code.length) return void response.end();
        response.write(code.subarray(at, (at += 2)), () => setImmediate(next)); // instructions of three bytes are cut
      };
      next();
    }).listen(0, "127.0.0.1");
    servers.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    const module = await compileVariant(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), fused, false);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 32768 }), at = (byte: number) => new Float32Array(memory.buffer, byte, 4);
    const f = (await WebAssembly.instantiate(module, { env: { memory } })).exports.f as () => void;
    at(16).fill(1 + 2 ** -23);
    at(32).fill(1 - 2 ** -23);
    at(48).fill(-1);
    f();
    expect([...at(64)]).toEqual([0, 1, 2, 3].map(() => -(2 ** -46))); // in two steps 0
  });
});
