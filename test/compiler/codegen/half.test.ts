import fc from "fast-check";
import { expect, test } from "vitest";
import { bf16, defineModel, f16, f32 } from "../../../ir/index.ts";
import { roundTo, unstored, type Half } from "../../../ir/types/index.ts";
import { compiledOn, targets } from "../../targets.ts";

/** A half's numbers in f32, and numbers of f32 as a half. */
const conversions = (dtype: Half) => defineModel("conversions", (m) => {
  m.fn("widen", { x: (dtype === "f16" ? f16 : bf16)("N") }, ({ x }) => ({ y: x.float(), same: x.flip(0) }));
  m.fn("narrow", { x: f32("N") }, ({ x }) => ({ y: x.to(dtype), rounded: x.to(dtype).float() }));
});

const everyBits = Uint16Array.from({ length: 65536 }, (_, i) => i);
const isNan = (dtype: Half, bits: number): boolean => Number.isNaN(unstored(dtype, bits));

for (const target of targets)
  for (const dtype of ["f16", "bf16"] as const) {
    test.skipIf(target.why)(`${dtype} on ${target.name}: all 65536 values there and back`, async () => {
      const model = await compiledOn(target, conversions(dtype));
      const { y, same } = await model.functions.widen({ x: everyBits });
      // a GPU may take subnormal numbers of f32, which a bf16 has too, for 0
      const isTiny = (x: number): boolean => target.name === "webgpu" && Math.abs(x) < 2 ** -126;
      for (const [bits, x] of y.data.entries()) if (!Object.is(x, unstored(dtype, bits)) && !isTiny(unstored(dtype, bits))) expect.fail(`0x${bits.toString(16)} is ${x}, not ${unstored(dtype, bits)}`);
      const reversed = same.data.toReversed();
      for (const bits of everyBits) if (isNan(dtype, bits) ? !isNan(dtype, reversed[bits]) : reversed[bits] !== bits && !isTiny(unstored(dtype, bits))) expect.fail(`0x${bits.toString(16)} is stored as 0x${reversed[bits].toString(16)}`);
      const back = (await model.functions.narrow({ x: y.data })).y.data;
      for (const bits of everyBits) if (isNan(dtype, bits) ? !isNan(dtype, back[bits]) : back[bits] !== bits && !isTiny(unstored(dtype, bits))) expect.fail(`0x${bits.toString(16)} came back as 0x${back[bits].toString(16)}`);
    });

    test.skipIf(target.why)(`${dtype} on ${target.name}: numbers round to the nearest, of two to the even one`, async () => {
      const model = await compiledOn(target, conversions(dtype));
      const digits = dtype === "f16" ? 13 : 16;
      /** Numbers of any size, and those half way between two halves, or next to that. */
      const number = fc.oneof(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.tuple(fc.integer({ min: 0, max: 2 ** (32 - digits) - 1 }), fc.constantFrom(-1, 0, 1)).map(([high, near]) => high * 2 ** digits + 2 ** (digits - 1) + near),
        // what is subnormal in f16, in its bits: ties of 2^-25 among them
        fc.tuple(fc.integer({ min: 0, max: 4095 }), fc.constantFrom(-(2 ** -40), 0, 2 ** -40)).map(([k, near]) => new Uint32Array(Float32Array.of(k * 2 ** -25 + near).buffer)[0]),
      );
      // a GPU may take subnormal numbers of f32 for 0
      const x = new Float32Array(Uint32Array.from(fc.sample(number, 20_000)).buffer).map((v) => (target.name === "webgpu" && Math.abs(v) < 2 ** -126 ? 0 : v));
      const { y, rounded } = await model.functions.narrow({ x });
      for (const [i, v] of x.entries()) {
        const want = roundTo(dtype, v);
        if (!Object.is(rounded.data[i], want)) expect.fail(`${v} is rounded to ${rounded.data[i]}, not ${want}`);
        if (!Object.is(unstored(dtype, y.data[i]), want)) expect.fail(`${v} is stored as ${unstored(dtype, y.data[i])}, not ${want}`);
      }
    });
  }
