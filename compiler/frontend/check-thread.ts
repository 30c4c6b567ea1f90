import { parentPort } from "node:worker_threads";
import { TypeChecker } from "./typecheck.ts";

/** The thread of {@link file://./checker.ts}: answers each list of files with what is wrong with their types. */
const checker = new TypeChecker();
parentPort!.on("message", (files: readonly string[]) => parentPort!.postMessage(checker.check(files)));
