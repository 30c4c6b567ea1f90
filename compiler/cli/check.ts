import { locationText, reachable, type GraphFunction, type Model } from "../../ir/graph/index.ts";
import type { NdArray } from "../../ir/interpret/index.ts";
import { dims, typeText } from "../../ir/types/index.ts";
import pc from "picocolors";
import { fail } from "../frontend/index.ts";
import { checkSymbols, parseBindings, parseRanges, type Range } from "./bindings.ts";
import { command } from "./command.ts";
import { compareSite, type Comparison } from "./gradients/compare.ts";
import { indexRange, sampleInput, sampleVariable, uniformFrom } from "./gradients/sample.ts";
import { derivativeSites, nameOf, type Site } from "./gradients/sites.ts";
import { numberOption } from "./numbers.ts";
import { chooseFunctions, loadFile, chooseModels } from "./select.ts";
import { guarded } from "./guard.ts";
import { table } from "./table.ts";
import type { Io } from "./io.ts";

/** `chainrule check`: the model's own derivatives against central differences. */
export const check = command({
  name: "check",
  summary: "checks the model's derivatives against finite differences, in double precision",
  positionals: "FILE",
  options: {
    model: { type: "string", value: "NAME", help: "only this model of the file" },
    function: { type: "string", value: "NAME", help: "only this function" },
    bind: { type: "string", value: "B=4", multiple: true, help: "sizes of symbolic dimensions (default: small ones, each different)" },
    range: { type: "string", value: "label=0:10", multiple: true, help: "bounds of the random data for an input (default: -1:1; integers as far as what they index allows)" },
    samples: { type: "string", value: "N", help: "entries to check of each parameter (default 32)" },
    tolerance: { type: "string", value: "X", help: "relative error that passes (default 1e-5)" },
    seed: { type: "string", value: "N", help: "seed of the random data (default 0)" },
  },
  async run(options, positionals, io) {
    const loaded = await loadFile("check", positionals, io);
    const settings: Settings = {
      binding: parseBindings(options.bind ?? []),
      ranges: parseRanges(options.range ?? []),
      samples: numberOption("samples", options.samples, 32, { min: 1, isWhole: true }),
      tolerance: numberOption("tolerance", options.tolerance, 1e-5, { min: 0 }),
      seed: numberOption("seed", options.seed, 0, { min: 0, isWhole: true }),
    };
    const chosen = chooseModels(loaded, options.model).map(({ model, file }) => ({ model, file, functions: chooseFunctions(model, options.function) }));
    for (const { model } of chosen) checkSymbols(settings.binding, [model]);
    checkNames(settings, chosen.flatMap((c) => c.functions));

    let failures = 0, checked = 0;
    for (const { model, file, functions } of chosen)
      for (const fn of functions) {
        const sites = derivativeSites(fn);
        if (sites.length === 0) continue;
        const comparisons = await guarded(file, () => checkFunction(model, fn, sites, settings));
        for (const [i, site] of sites.entries()) {
          checked++;
          failures += comparisons[i].filter((c) => c.failures > 0).length;
          io.out(report(fn, site, comparisons[i], io));
        }
      }
    if (checked === 0) io.out("no function takes a derivative: there is nothing to check\n");
    else io.out(failures === 0 ? "all derivatives agree with finite differences\n" : `${failures} ${failures === 1 ? "derivative disagrees" : "derivatives disagree"} with finite differences\n`);
    return failures === 0 ? 0 : 1;
  },
});

interface Settings {
  readonly binding: Readonly<Record<string, number>>;
  readonly ranges: Readonly<Record<string, Range>>;
  readonly samples: number;
  readonly tolerance: number;
  readonly seed: number;
}

/** A `--range` for an input that no function has would silently check something else. */
function checkNames({ ranges }: Settings, functions: readonly GraphFunction[]): void {
  const known = new Set(functions.flatMap((fn) => fn.inputs.map(nameOf)));
  for (const name of Object.keys(ranges))
    if (!known.has(name)) fail(`--range ${name}: no function has an input "${name}"`, `the inputs are: ${[...known].join(", ") || "none"}`);
}

function checkFunction(model: Model, fn: GraphFunction, sites: readonly Site[], settings: Settings): Comparison[][] {
  const binding = bindAll(model, fn, sites, settings.binding);
  const uniform = uniformFrom(settings.seed);
  const variables = Object.fromEntries(model.variables.map((v) => [v.name, sampleVariable(v, binding, uniform)]));
  return sites.map((site) => {
    const roots = [...site.derivatives, ...site.ys];
    const sample = (input: GraphFunction["inputs"][number]): NdArray =>
      sampleInput(input.type, binding, settings.ranges[nameOf(input)] ?? indexRange(input, roots, binding), uniform);
    const inputs = Object.fromEntries(site.inputs.map((v) => [nameOf(v), sample(v)]));
    return compareSite(site, { inputs, variables, tolerance: settings.tolerance, samples: settings.samples, uniform });
  });
}

/** A size for every symbol: the given one, else 3, 4, 5, … so that no two axes are equal by chance, within its range. */
function bindAll(model: Model, fn: GraphFunction, sites: readonly Site[], given: Readonly<Record<string, number>>): Record<string, number> {
  const binding: Record<string, number> = {};
  const values = [...fn.inputs, ...sites.flatMap((s) => [...s.inputs, ...reachable(s.derivatives).flatMap((n) => n.outputs)])];
  const symbols = new Set(values.flatMap((v) => v.type.shape.flatMap(dims.symbolsOf)));
  for (const symbol of symbols) {
    const { min, max } = model.symbols[symbol] ?? { min: 1 };
    binding[symbol] = given[symbol] ?? Math.min(Math.max(3 + Object.keys(binding).length, min), max ?? Infinity);
  }
  return binding;
}

function report(fn: GraphFunction, site: Site, comparisons: readonly Comparison[], io: Io): string {
  const style = pc.createColors(io.color);
  const of = site.ys.map((y) => typeText(y.type)).join(", ");
  const head = `${style.bold(fn.name)}: ${site.op} of ${of}${site.at ? ` at ${locationText(site.at)}` : ""}`;
  const rows = comparisons.map((c) => [
    c.name, c.checked === c.size ? `${c.size}` : `${c.checked} of ${c.size}`, exponential(c.maxError), exponential(c.maxRelative),
    c.failures > 0 ? `${style.red("wrong")}: ${c.failures} of ${c.checked}` : `${style.green("ok")}${c.corners > 0 ? ` (${c.corners} at a corner)` : ""}`,
  ]);
  const worst = comparisons.filter((c) => c.failures > 0 && c.worst).map(({ name, worst }) =>
    `  worst: ${name}[${worst!.index.join(",")}] is ${number(worst!.derived)} by the model, ${number(worst!.measured)} by differences`);
  return `${head}\n${table(["", "entries", "max abs", "max rel", ""], rows)}\n${worst.length > 0 ? `${worst.join("\n")}\n` : ""}\n`;
}

const exponential = (x: number): string => (x === 0 ? "0" : x.toExponential(1));
const number = (x: number): string => String(Number(x.toPrecision(7)));
