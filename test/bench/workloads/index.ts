import type { Workload } from "../workload.ts";
import { cnns } from "./cnn.ts";
import { kernels } from "./kernels.ts";
import { lstms } from "./lstm.ts";
import { mlps } from "./mlp.ts";
import { transformers } from "./transformer.ts";

const all = [...mlps, ...cnns, ...transformers, ...kernels, ...lstms];

/** What is timed, in the order of its numbers. */
export const workloads: readonly Workload[] = all.sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
