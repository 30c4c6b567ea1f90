import { instructionsOf, opcode } from "./binary.ts";

/*
 * A multiply-add that engines with relaxed SIMD compute in one step, rounding once. The module has it in two steps, and
 * beside the module is said where in its bytes: the runtime writes the one step over them where the engine has it. So
 * one module serves both, and an engine without relaxed SIMD never sees it.
 */

const mark = "(;fused;)";

/** `a·b + c` in four lanes of f32: in one step where an engine can. */
export const multiplyAdd = (a: string, b: string, c: string): string => `(f32x4.add ${mark} (f32x4.mul ${mark} ${a} ${b}) ${c})`;
export const hasMultiplyAdds = (text: string): boolean => text.includes(mark);

/** Instructions that stand for the marked ones while the text is assembled: no kernel has them, and they are as long. */
const standIns = [
  { marked: `f32x4.mul ${mark}`, instruction: "f64x2.pmin", standIn: opcode(0xfd, 0xf6), real: opcode(0xfd, 0xe6) },
  { marked: `f32x4.add ${mark}`, instruction: "f64x2.pmax", standIn: opcode(0xfd, 0xf7), real: opcode(0xfd, 0xe4) },
] as const;

/** The text with the marked instructions replaced by those that stand for them. */
export function withStandIns(text: string): string {
  for (const { instruction } of standIns) if (text.includes(instruction)) throw new Error(`internal: ${instruction} stands for another instruction, and a kernel has it`);
  return standIns.reduce((t, { marked, instruction }) => t.replaceAll(marked, instruction), text);
}

/**
 * Puts the real instructions in the place of those that stand for them. Gives where they are: for each, in order, the
 * bytes from the one before (from the beginning) doubled, and one more if it is an addition.
 */
export function resolveStandIns(code: Uint8Array): number[] {
  const places: number[] = [];
  let last = 0;
  for (const { at, code: op } of instructionsOf(code)) {
    const which = standIns.findIndex(({ standIn }) => standIn === op);
    if (which < 0) continue;
    // in LEB128: the prefix, seven bits and the eighth
    code[at + 1] = (standIns[which].real & 0x7f) | 0x80;
    places.push(2 * (at - last) + which);
    last = at;
  }
  return places;
}
