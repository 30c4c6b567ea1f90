import { locationText, reachable, type AnyNode, type GraphFunction, type Init, type Model, type Region, type Value } from "../graph/index.ts";
import { typeText } from "../types/index.ts";
import { attributesOf } from "./attributes.ts";
import { listText, numberText } from "./number.ts";
import { groupSizes, regionNames } from "./operands.ts";
import { inputText, nameText } from "./scanner.ts";

export interface PrintOptions {
  /** End each line with the user's source line, as a comment. Off by default: golden texts outlive line numbers. */
  readonly locations?: boolean;
  /** Shows at most this many elements of a constant. Such a text does not read back. */
  readonly maxElements?: number;
}

/**
 * A function as text. Values are numbered from 0 in the order they are printed, so equal functions print
 * equally. Variables that it reads or updates are declared before it.
 */
export function printFunction(fn: GraphFunction, options: PrintOptions = {}): string {
  const types = new Map<string, string>();
  for (const { variable, value } of fn.updates) types.set(variable, typeText(value.type));
  for (const node of nodesOf(fn)) if (node.op === "variable") types.set(node.attrs.name, typeText(node.outputs[0].type));
  const declared = [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, type]) => `variable @${nameText(name)} : ${type}\n`);
  return declared.join("") + new Printer(options).function(fn);
}

/** A model as text: its symbols' ranges, its variables, and its functions. */
export function printModel(model: Model, options: PrintOptions = {}): string {
  const lines = [`model ${nameText(model.name)}`];
  for (const [symbol, { min, max }] of Object.entries(model.symbols)) lines.push(`symbol ${symbol} in ${min}..${max ?? ""}`);
  for (const v of model.variables)
    lines.push(`${v.role} @${nameText(v.name)} : ${typeText(v.type)} = ${initText(v.init, options)}${comment(options, v.at && locationText(v.at))}`);
  return [`${lines.join("\n")}\n`, ...model.functions.map((fn) => new Printer(options).function(fn))].join("\n");
}

/** The line of a function's text that a node, of it or of a region in it, is printed as. */
export function printNode(fn: GraphFunction, node: AnyNode): string {
  const printer = new Printer({ maxElements: 8 });
  printer.function(fn);
  return printer.lineOf.get(node) ?? node.op;
}

function initText(init: Init, { maxElements }: PrintOptions): string {
  const n = (x: number): string => numberText("f64", x);
  switch (init.kind) {
    case "constant": return n(init.value);
    case "uniform": return `uniform(${n(init.low)}, ${n(init.high)})`;
    case "normal": return `normal(${n(init.mean)}, ${n(init.std)})`;
    case "truncatedNormal": return `truncatedNormal(${n(init.mean)}, ${n(init.std)}, ${n(init.low)}, ${n(init.high)})`;
    case "orthogonal": return `orthogonal(${n(init.gain)})`;
    case "data": return listText("f64", init.data, maxElements);
    case "seed": return "seed";
  }
}

const nodesOf = (fn: GraphFunction): AnyNode[] => reachable([...fn.outputs, ...fn.updates].map((o) => o.value));
const comment = ({ locations }: PrintOptions, location: string | undefined): string => (locations && location ? `      // ${location}` : "");

class Printer {
  /** The line of every node printed so far. */
  readonly lineOf = new Map<AnyNode, string>();
  readonly #options: PrintOptions;
  readonly #names = new Map<Value, string>();
  #count = 0;

  constructor(options: PrintOptions) { this.#options = options; }

  function(fn: GraphFunction): string {
    const inputs = fn.inputs.map((v) => `${this.#nameOf(v)}: ${typeText(v.type)}`).join(", ");
    const lines = [`fn @${nameText(fn.name)}(${inputs}) {`, ...this.#statements(nodesOf(fn), "  ")];
    const outputs = fn.outputs.map((o) => ` ${nameText(o.name)} = ${this.#nameOf(o.value)}`).join(",");
    lines.push(`  return${outputs}`);
    for (const u of fn.updates) lines.push(`  update @${nameText(u.variable)} = ${this.#nameOf(u.value)}`);
    return `${lines.join("\n")}\n}\n`;
  }

  #statements(nodes: readonly AnyNode[], indent: string): string[] {
    return nodes.flatMap((node) => (node.op === "input" || node.op === "variable" || node.op === "parameter" ? [] : this.#statement(node, indent)));
  }

  #statement(node: AnyNode, indent: string): string[] {
    const operands = this.#operands(node);
    const { bare, braced } = this.#attributes(node);
    const results = node.outputs.map((v) => this.#define(v)).join(", ");
    const line = [`${results} =`, node.op, ...bare, operands, braced, ":", node.outputs.map((v) => typeText(v.type)).join(", ")]
      .filter((part) => part !== "").join(" ");
    this.lineOf.set(node, line);
    const names = regionNames[node.op] ?? [];
    return [
      indent + line + comment(this.#options, locationText(node.at)),
      ...node.regions.flatMap((region, i) => this.#region(names[i], region, `${indent}  `)),
    ];
  }

  #operands(node: AnyNode): string {
    const names = node.inputs.map((v) => this.#nameOf(v));
    const sizes = groupSizes(node);
    if (!sizes) return names.join(", ");
    let at = names.length - sizes.reduce((a, b) => a + b, 0);
    const leading = names.slice(0, at);
    return [...leading, ...sizes.map((n) => `[${names.slice(at, (at += n)).join(", ")}]`)].join(", ");
  }

  #attributes(node: AnyNode): { bare: string[]; braced: string } {
    const bare: string[] = [], named: string[] = [];
    for (const [key, attribute] of Object.entries(attributesOf(node.op))) {
      const value = (node.attrs as Record<string, unknown>)[key];
      const text = value === undefined ? "?" : attribute.write(value, node.outputs[0].type, this.#options.maxElements);
      if (text === undefined) continue;
      if (attribute.bare) bare.push(text);
      else named.push(`${key} = ${text}`);
    }
    return { bare, braced: named.length > 0 ? `{ ${named.join(", ")} }` : "" };
  }

  #region(name: string, region: Region, indent: string): string[] {
    const params = region.params.map((v) => `${this.#define(v)}: ${typeText(v.type)}`).join(", ");
    const body = this.#statements(reachable(region.results), `${indent}  `);
    const results = region.results.map((v) => ` ${this.#nameOf(v)}`).join(",");
    return [`${indent}${name}(${params}) {`, ...body, `${indent}  return${results}`, `${indent}}`];
  }

  #define(value: Value): string {
    const name = `%${this.#count++}`;
    this.#names.set(value, name);
    return name;
  }

  #nameOf(value: Value): string {
    const node = value.node as AnyNode;
    if (node.op === "input") return `%${inputText(node.attrs.name)}`;
    if (node.op === "variable") return `@${nameText(node.attrs.name)}`;
    return this.#names.get(value) ?? "%?"; // an invalid function: the verifier prints these too
  }
}
