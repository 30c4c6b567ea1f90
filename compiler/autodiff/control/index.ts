import type { Rules } from "../rule.ts";
import { checkpoint } from "./checkpoint.ts";
import { cond } from "./cond.ts";
import { custom } from "./custom.ts";
import { scan } from "./scan.ts";
import { while_ } from "./while.ts";

export const control: Rules<"cond" | "while" | "scan" | "custom" | "checkpoint"> = { cond, while: while_, scan, custom, checkpoint };
