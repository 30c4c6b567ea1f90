import type { ModuleTable } from "./row.ts";

export const attentionModules: ModuleTable = {};
