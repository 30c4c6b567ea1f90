import { readFormatted, type SeedFile } from "../format.ts";
import { resultOf, Unsupported, type CaseResult } from "../outcome.ts";
import { startsWithPath, type Settings } from "../torch/suite.ts";
import { autograd } from "./autograd.ts";
import { convolution } from "./convolution.ts";
import { operations } from "./operations.ts";
import { recurrent } from "./recurrent.ts";
import { regression } from "./regression.ts";
import { SeedRun, type SeedProgram, type SeedPrograms } from "./run.ts";
import { shapes } from "./shapes.ts";
import { tensors } from "./tensors.ts";

/** The tutorials' programs, written with chainrule. A key is an item's id, or a pattern where `*` stands for its variants. */
const programs: SeedPrograms = { ...tensors, ...autograd, ...regression, ...shapes, ...operations, ...recurrent, ...convolution };

function programOf(id: string): SeedProgram {
  const key = Object.keys(programs).find((pattern) => new RegExp(`^${pattern.replaceAll("*", "\\w*")}$`).test(id));
  if (key === undefined) throw new Unsupported(`no program is written for ${id}`);
  return programs[key];
}

/** Runs every item of a file, in order. */
export async function runSeeds(path: string, settings: Settings): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const seed of readFormatted<SeedFile>(path, "tensor-conformance-seeds-v1").items) {
    if (settings.only && !startsWithPath(seed.id, settings.only)) continue;
    const result = await resultOf(seed.id, seed.feature, async () => {
      const program = programOf(seed.id), run = new SeedRun(seed, settings.target);
      await program(run);
      run.finish();
    });
    results.push(result);
    settings.onCase?.(result);
  }
  return results;
}
