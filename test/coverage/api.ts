import * as chainrule from "chainrule";

/** Every function that a model can be written with, by its bare name in small letters, with how one writes it. */
export function api(): Map<string, string> {
  const found = new Map<string, string>();
  const put = (name: string, spelling: string): void => { if (!found.has(plain(name))) found.set(plain(name), spelling); };
  const namespaces: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["nn.functional.", chainrule.nn.functional], ["linalg.", chainrule.linalg], ["losses.", chainrule.losses], ["random.", chainrule.random], ["nn.", chainrule.nn], ["optim.", chainrule.optim], ["init.", chainrule.init],
  ];
  for (const [name, value] of sorted(chainrule)) if (typeof value === "function" && /^[a-z]/.test(name)) put(name, name);
  for (const name of Object.getOwnPropertyNames(chainrule.Tensor.prototype).sort()) if (name !== "constructor" && !name.startsWith("_")) put(name, `x.${name}`);
  for (const [prefix, namespace] of namespaces)
    for (const [name, value] of sorted(namespace)) {
      if (typeof value !== "function") continue;
      put(`${prefix}${name}`, prefix + name);
      put(name, prefix + name);
    }
  return found;
}

/** A name without what peers spell differently. */
export const plain = (name: string): string => name.toLowerCase().replaceAll("_", "");

/** In one order, whatever runs the code: the first spelling of a name is the one that is shown. */
const sorted = (of: object): [string, unknown][] => Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
