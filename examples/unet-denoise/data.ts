import { tensor } from "chainrule/runtime";
import { digits } from "../digits/data.ts";

/** Standard deviation of the noise; ink is 1. */
export const sigma = 0.3;

/** 32 bits that look random, of a number (the finalizer of MurmurHash3). */
function mixed(seed: number): number {
  let h = seed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A nearly normal number of mean 0 and deviation 1: the sum of four bytes, each of variance (256² - 1) / 12. */
function noise(index: number): number {
  const h = mixed(index);
  return ((h & 255) + ((h >>> 8) & 255) + ((h >>> 16) & 255) + (h >>> 24) - 510) / Math.sqrt((4 * 65535) / 12);
}

/** The digits, each of shape [1797, 64]: `clean`, and `noisy`, which is the same whenever it is made. */
export function noisyDigits() {
  const clean = digits().x;
  return { clean, noisy: tensor(Float32Array.from(clean.data, (v, i) => v + sigma * noise(i + 1)), [-1, 64]) };
}
