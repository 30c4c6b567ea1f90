import { check } from "../graph/error.ts";

/**
 * The options that an optimizer or a schedule was given. Throws where they are no object (parameters or a rate in their
 * place, as PyTorch has them), lack one that must be there, or have NaN for a number: they are often made outside of a
 * model, where nothing else would say whose they are.
 */
export function settings<O extends object>(name: string, given: O, ...required: (keyof O & string)[]): O {
  const example = `{ ${required.length > 0 ? required.map((key) => `${key}: …`).join(", ") : "…"} }`;
  check(typeof given === "object" && given !== null && !Array.isArray(given) && isPlain(given), () => `${name} takes its options as an object, not ${show(given)}`, `write ${example}`);
  for (const key of required) check(given[key] !== undefined && given[key] !== null, () => `${name} needs ${key}, and is given ${show(given)}`, `write ${example}`);
  for (const [key, value] of Object.entries(given)) if (typeof value === "number") check(!Number.isNaN(value), () => `${name}: ${key} is NaN`, "give a number");
  return given;
}

/** The options of a schedule, whose learning rate comes before them. */
export function settingsOfRate<O extends object>(name: string, lr: number, given: O, ...required: (keyof O & string)[]): O {
  checkRate(name, lr);
  return settings(name, given, ...required);
}

export function checkRate(name: string, lr: number): void {
  check(typeof lr === "number" && Number.isFinite(lr), () => `${name}: the learning rate is ${show(lr)}`, "give a number first, and then the rest; an optimizer takes a schedule as its lr, and not the other way about");
}

export function checkSchedules(name: string, schedules: readonly unknown[]): void {
  check(Array.isArray(schedules), () => `${name} takes a list of schedules, not ${show(schedules)}`, "write them in [ ]");
  schedules.forEach((s, i) => { check(typeof s === "function", () => `${name}: schedule ${i} is ${show(s)}`, "give functions of the step: (t) => …, or one of optim's, such as optim.linearLR(1)"); });
}

const isPlain = (x: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(x) as object | null);

function show(x: unknown): string {
  if (Array.isArray(x)) return "a list";
  if (typeof x === "object" && x !== null) return isPlain(x) ? `{ ${Object.keys(x).join(", ")} }` : `a ${x.constructor.name}`;
  return typeof x === "string" ? JSON.stringify(x) : typeof x === "function" ? "a function" : String(x);
}
