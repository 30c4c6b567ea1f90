import { expect, test } from "vitest";
import * as chainrule from "chainrule";
import { checkGradients, type GradientCase, type Table } from "./check.ts";
import { elementwise } from "./elementwise.ts";
import { functional } from "./functional.ts";
import { functions } from "./functions.ts";
import { layers } from "./layers.ts";
import { linalg } from "./linalg.ts";
import { losses } from "./losses.ts";
import { methods } from "./methods.ts";

/** Everything a model can be written with, as it is exported, and what is checked of it. */
const exported = (namespace: object): string[] => Object.entries(namespace).filter(([, value]) => typeof value === "function").map(([name]) => name);
const families: readonly (readonly [prefix: string, names: readonly string[], table: Table])[] = [
  ["nn.", exported(chainrule.nn), layers],
  ["nn.functional.", exported(chainrule.nn.functional), functional],
  ["losses.", exported(chainrule.losses), losses],
  ["linalg.", exported(chainrule.linalg), linalg],
  ["", exported(chainrule), functions],
  ["x.", Object.getOwnPropertyNames(chainrule.Tensor.prototype), { ...elementwise, ...methods }],
];

for (const [prefix, names, table] of families) {
  test(`everything in ${prefix === "" ? "chainrule" : prefix === "x." ? "a tensor" : prefix.slice(0, -1)} has a case, or a reason to have none`, () => {
    expect(names.filter((name) => !Object.hasOwn(table, name)).map((name) => prefix + name), "without a case in test/ir/gradients: add one").toEqual([]);
    expect(Object.keys(table).filter((name) => !names.includes(name)).map((name) => prefix + name), "with a case, but not exported").toEqual([]);
  });
  for (const [name, entry] of Object.entries(table)) {
    if (typeof entry === "string") continue;
    const cases: readonly GradientCase[] = Array.isArray(entry) ? entry : [entry as GradientCase];
    for (const [i, c] of cases.entries()) test(`${prefix}${name}${cases.length > 1 ? `, ${i + 1}` : ""}`, () => checkGradients(c));
  }
}
