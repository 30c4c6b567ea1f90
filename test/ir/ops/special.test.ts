import { expect, test } from "vitest";
import { elements, vector } from "./evaluate.ts";
import type { ScalarName } from "../../../ir/ops/index.ts";

const at = (op: ScalarName, ...x: number[]): number => elements(op, x.map((v) => vector("f64", [v])), {})[0];

/** Known values to 16 digits or more (Abramowitz & Stegun; DLMF; checked against exact series). */
test.each<[ScalarName, number, number]>([
  ["erf", 1e-12, 1.1283791670955126e-12],
  ["erf", 0.1, 0.1124629160182848922],
  ["erf", 0.5, 0.5204998778130465377],
  ["erf", 1, 0.8427007929497148693],
  ["erf", 2, 0.9953222650189527342],
  ["erf", -3, -0.9999779095030014146],
  ["erfc", 0.5, 0.4795001221869534623],
  ["erfc", 1, 0.1572992070502851307],
  ["erfc", 1.5, 0.0338948535246892729],
  ["erfc", 2, 0.004677734981047265838],
  ["erfc", 5, 1.537459794428034850e-12],
  ["erfc", 10, 2.088487583762544757e-45],
  ["erfc", 25, 8.300172571196522752e-274],
  ["erfc", -1, 1.8427007929497148693],
  ["erfinv", 0.5, 0.4769362762044698734],
  ["erfinv", -0.9, -1.163087153676674086],
  ["erfinv", 1e-10, 8.862269254527580137e-11],
  ["sigmoid", 2, 0.8807970779778824441],
  ["softplus", 1, 1.313261687518222835],
  ["softplus", -40, 4.248354255291588986e-18],
  ["expm1", 1e-10, 1.00000000005e-10],
  ["log1p", 1e-10, 9.9999999995e-11],
  ["tanh", 0.5, 0.4621171572600097585],
  ["sinh", 1, 1.1752011936438014569],
  ["cosh", 1, 1.5430806348152437785],
  ["asinh", 1, 0.8813735870195430252],
  ["acosh", 2, 1.3169578969248167086],
  ["atanh", 0.5, 0.5493061443340548457],
  ["log2", 10, 3.3219280948873623479],
  ["log10", 2, 0.3010299956639811952],
  ["asin", 0.5, 0.5235987755982988731],
  ["acos", 0.5, 1.0471975511965977462],
  ["atan", 1, 0.7853981633974483096],
  ["tan", 1, 1.5574077246549022305],
])("%s(%d)", (op, x, want) => {
  expect(Math.abs(at(op, x) - want) / Math.abs(want)).toBeLessThan(1e-14);
});

test("logaddexp at the edges of overflow", () => {
  expect(at("logaddexp", 1000, 999)).toBeCloseTo(1000.3132616875182, 12);
  expect(at("logaddexp", -1000, -1001)).toBeCloseTo(-999.6867383124818, 12);
  expect(at("logaddexp", -Infinity, 3)).toBe(3);
});

test("erf and its kin at their limits", () => {
  expect([-Infinity, -7, -0, 7, Infinity].map((x) => at("erf", x))).toEqual([-1, -1, -0, 1, 1]);
  expect([-Infinity, -30, 0, 30, Infinity].map((x) => at("erfc", x))).toEqual([2, 2, 1, 0, 0]);
  expect([-1, 1, 0, 1.5, -1.5].map((x) => at("erfinv", x))).toEqual([-Infinity, Infinity, 0, NaN, NaN]);
  for (const op of ["erf", "erfc", "erfinv"] as const) expect(at(op, NaN)).toBeNaN();
});

test("erfinv undoes erf, and erf and erfc add up to one, across their branches", () => {
  for (let x = -3; x <= 3; x += 1 / 64) {
    expect(at("erf", x) + at("erfc", x)).toBeCloseTo(1, 14);
    if (Math.abs(x) < 2) expect(at("erfinv", at("erf", x))).toBeCloseTo(x, 13);
  }
});
