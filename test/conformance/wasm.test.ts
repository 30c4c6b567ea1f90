import { checkSeeds, checkTorch, leastPassed } from "./check.ts";

checkTorch("wasm", "none", leastPassed);
checkSeeds("wasm");
