import { fail } from "../frontend/index.ts";

/** The number an option gives, or `otherwise` where it was not given. */
export function numberOption(name: string, text: string | undefined, otherwise: number, { min, isWhole = false }: { min: number; isWhole?: boolean }): number {
  if (text === undefined) return otherwise;
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= min) || (isWhole && !Number.isInteger(value)))
    fail(`--${name} ${text}: "${text}" is not ${isWhole ? "a whole number" : "a number"} from ${min} up`, `for example: --${name} ${otherwise}`);
  return value;
}

/** `1 kernel`, `2 kernels`. */
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
