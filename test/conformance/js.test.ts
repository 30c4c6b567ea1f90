import { checkSeeds, checkTorch, leastPassed } from "./check.ts";

checkTorch("js", "none", leastPassed);
checkSeeds("js");
