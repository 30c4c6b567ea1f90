import { isHalf, type Half } from "../../../ir/types/index.ts";
import type { KernelArg } from "../../loops/ir.ts";
import { storedType } from "./types.ts";

/**
 * How elements lie in buffers. Those of most dtypes take 32 bits, and are read and written where they are. Halves take
 * 16, two of them to a word: what reads and writes them are functions of the kernel's own, by which it does not matter
 * whether a device has numbers of 16 bits.
 */

/** The functions of an argument of halves, by name; on vectors of four where the kernel only ever touches those. */
export interface HalfAccess {
  readonly arg: KernelArg;
  readonly name: string;
  readonly binding: number;
  readonly read: string;
  readonly write: string;
  readonly isWhole: boolean;
}

/** An argument whose elements take 32 bits. */
export const plainBinding = (arg: KernelArg, name: string, binding: number, isWhole: boolean): string =>
  declared({ arg, name, binding }, isWhole ? `vec4<${storedType[arg.dtype]}>` : storedType[arg.dtype]);

/** Declares arguments of halves, as they are on every device. */
export const halvesInWords = (list: readonly HalfAccess[]): string => list.map((h) => inWords(h)).join("\n");

/** The same on a device that has f16. Undefined where that is the same text. */
export const halvesAsF16 = (list: readonly HalfAccess[]): string | undefined =>
  (list.some((h) => h.arg.dtype === "f16") ? list.map((h) => (h.arg.dtype === "f16" ? asF16(h) : inWords(h))).join("\n") : undefined);

const suffix: Record<Half, string> = { f16: "F16", bf16: "BF16" };

function declared({ arg, name, binding }: Pick<HalfAccess, "arg" | "name" | "binding">, element: string): string {
  return `@group(0) @binding(${binding}) var<storage, ${arg.access === "read" ? "read" : "read_write"}> ${name}: array<${element}>;`;
}

function functions({ arg, read, write, isWhole }: HalfAccess, reads: string, writes: readonly string[]): string[] {
  const type = isWhole ? "vec4<f32>" : "f32";
  return [
    `fn ${read}(at: i32) -> ${type} {\n  return ${reads};\n}`,
    ...(arg.access === "read" ? [] : [`fn ${write}(at: i32, value: ${type}) {\n${writes.map((l) => `  ${l}`).join("\n")}\n}`]),
  ];
}

/**
 * Two to a word. Invocations may write the halves of one word at the same time: each turns over the bits of its own that
 * change, which nobody else does.
 */
function inWords(h: HalfAccess): string {
  const { arg, name, isWhole } = h, dtype = arg.dtype as Half;
  if (isWhole) return [declared(h, "vec2<u32>"), ...functions(h, `numbersOf${suffix[dtype]}(${name}[at])`, [`${name}[at] = pairsOf${suffix[dtype]}(value);`])].join("\n");
  const isShared = arg.access !== "read", word = `${name}[at >> 1u]`;
  return [
    declared(h, isShared ? "atomic<u32>" : "u32"),
    ...functions(h, `numberOf${suffix[dtype]}(${isShared ? `atomicLoad(&${word})` : word}, at)`, [
      "let place = (u32(at) & 1u) * 16u;",
      `let before = (atomicLoad(&${word}) >> place) & 0xffffu;`,
      `atomicXor(&${word}, (before ^ bitsOf${suffix[dtype]}(value)) << place);`,
    ]),
  ].join("\n");
}

/** By the bits, as what a device's own conversion does with what is between two halves, or too large, is its own matter. */
function asF16(h: HalfAccess): string {
  const { name, isWhole } = h;
  if (isWhole) return [declared(h, "vec4<f16>"), ...functions(h, `vec4<f32>(${name}[at])`, [`${name}[at] = bitcast<vec4<f16>>(pairsOfF16(value));`])].join("\n");
  return [declared(h, "f16"), ...functions(h, `f32(${name}[at])`, [`${name}[at] = bitcast<vec2<f16>>(bitsOfF16(value)).x;`])].join("\n");
}

export const isOfHalves = ({ dtype }: KernelArg): boolean => isHalf(dtype);
