import { checkSeeds, checkTorch, leastPassed } from "./check.ts";

checkTorch("interpret", "none", leastPassed);
checkSeeds("interpret");
