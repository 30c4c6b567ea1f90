import { angles } from "./angles.ts";
import { vectorSuffix } from "../types.ts";
import { basics } from "./basics.ts";
import { folds } from "./folds.ts";
import { functions } from "./functions.ts";
import { halves } from "./halves.ts";
import { power } from "./power.ts";
import { threefry } from "./threefry.ts";

/** The functions that kernels call, by name; a shader has those that it uses. */
const texts = new Map<string, string>();
for (const part of [basics, functions, angles, power, threefry, halves, folds])
  for (const piece of part.trim().split(/(?<=\n\})\n/)) {
    const name = /^fn (\w+)/m.exec(piece)?.[1];
    if (name === undefined) throw new Error("internal: a piece of the WGSL library is no function");
    texts.set(name, piece);
    const onVectors = vectorText(piece);
    if (onVectors) texts.set(name + vectorSuffix, onVectors);
  }

/** A function of numbers for vectors: part by part. Undefined for one that takes or gives anything else. */
function vectorText(piece: string): string | undefined {
  const [, name, list, result] = /^fn (\w+)\(([^)]*)\) -> (\w+) \{/m.exec(piece) ?? [];
  const params = list?.split(", ").map((p) => p.split(": "));
  if (!params || ![result, ...params.map(([, type]) => type)].every((type) => /^(f32|i32|u32|bool)$/.test(type))) return undefined;
  const calls = ["x", "y", "z", "w"].map((part) => `${name}(${params.map(([x]) => `${x}.${part}`).join(", ")})`);
  return `fn ${name}${vectorSuffix}(${params.map(([x, type]) => `${x}: vec4<${type}>`).join(", ")}) -> vec4<${result}> {\n  return vec4(${calls.join(", ")});\n}`;
}

export const libraryNames: readonly string[] = [...texts.keys()];
export const libraryText = (name: string): string => texts.get(name)!;

const called = (text: string): string[] => [...text.matchAll(/\b(\w+)\(/g)].map((m) => m[1]).filter((name) => texts.has(name));

/** Names of the library functions that WGSL text calls, with those that they call, in the order of the library. */
export function functionsCalledIn(text: string): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    called(texts.get(name)!).forEach(visit);
  };
  called(text).forEach(visit);
  return libraryNames.filter((name) => found.has(name));
}
