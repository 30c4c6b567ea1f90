import { readFileSync } from "node:fs";
import { takeRows, tensor } from "chainrule/runtime";

/**
 * The first 100,000 characters of tinyshakespeare (github.com/karpathy/char-rnn, MIT licence): speeches out of
 * Shakespeare's plays, which are in the public domain.
 */
export const text = readFileSync(new URL("./shakespeare.txt", import.meta.url), "latin1");

/** Its characters in the order of their codes: a token is an index of these. */
export const vocabulary = [...new Set(text)].sort();

/** A text as tokens. Throws for a character that Shakespeare does not use here. */
export function encode(characters: string): Int32Array {
  return Int32Array.from(characters, (c) => {
    const token = vocabulary.indexOf(c);
    if (token < 0) throw new Error(`${JSON.stringify(c)} is none of the ${vocabulary.length} characters of the text`);
    return token;
  });
}

/**
 * The text cut into windows of `length` characters: `tokens` and the tokens that follow each, both [windows, length].
 * The last tenth of them is for validation.
 */
export function windows(length: number) {
  const tokens = encode(text), count = Math.floor((tokens.length - 1) / length);
  const all = { tokens: tensor(tokens.subarray(0, count * length), [-1, length]), next: tensor(tokens.subarray(1, count * length + 1), [-1, length]) };
  const held = Math.floor(count / 10), range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  return { data: takeRows(all, range(0, count - held)), validation: takeRows(all, range(count - held, count)) };
}

/** Draws a token from the chances of each, by a number from 0 to 1. */
export function draw(chances: ArrayLike<number>, u: number): number {
  let left = u;
  for (let token = 0; token < chances.length; token++) if ((left -= chances[token]) < 0) return token;
  return chances.length - 1;
}
