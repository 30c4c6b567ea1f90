import { readFormatted, type SeedFile } from "../format.ts";
import { resultOf, Unsupported, type CaseResult } from "../outcome.ts";
import { startsWithPath, type Settings } from "../torch/suite.ts";
import { autograd } from "./autograd.ts";
import { operations } from "./operations.ts";
import { regression } from "./regression.ts";
import { SeedRun, type SeedPrograms } from "./run.ts";
import { shapes } from "./shapes.ts";
import { tensors } from "./tensors.ts";

/** The tutorials' programs, written with chainrule, by item. */
const programs: SeedPrograms = { ...tensors, ...autograd, ...regression, ...shapes, ...operations };

/** Features of the tutorials that chainrule does not have yet, by the feature's own name. */
const missing: Readonly<Record<string, string>> = {
  "nn.RNN": "recurrent layers", "nn.LSTM": "recurrent layers", "conv3d on an RGB volume": "convolution",
};

/** Runs every item of a file, in order. */
export async function runSeeds(path: string, settings: Settings): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const seed of readFormatted<SeedFile>(path, "tensor-conformance-seeds-v1").items) {
    if (settings.only && !startsWithPath(seed.id, settings.only)) continue;
    const result = await resultOf(seed.id, seed.feature, async () => {
      if (Object.hasOwn(missing, seed.feature)) throw new Unsupported(`${seed.feature}: ${missing[seed.feature]}`);
      if (!Object.hasOwn(programs, seed.id)) throw new Unsupported(`no program is written for ${seed.id}`);
      const run = new SeedRun(seed, settings.target);
      await programs[seed.id](run);
      run.finish();
    });
    results.push(result);
    settings.onCase?.(result);
  }
  return results;
}
