export { fitMemory, type MemoryBudget, type MemoryFit } from "./budget.ts";
