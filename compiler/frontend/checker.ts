import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { runsFromSource } from "./own.ts";
import type { Checked } from "./typecheck.ts";

/** Type-checks model files; keeps its programs, so that checking again costs only what changed. */
export interface Checker {
  check(files: readonly string[]): Promise<Checked>;
}

/** Loading TypeScript and checking a file take as long as all the rest of a build: they have a thread of their own. */
class CheckerThread implements Checker {
  private worker: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();

  check(files: readonly string[]): Promise<Checked> {
    const answer = this.last.then(() => this.ask(files));
    this.last = answer.catch(() => {});
    return answer;
  }

  private async ask(files: readonly string[]): Promise<Checked> {
    const worker = this.worker ??= new Worker(new URL("./check-thread.js", import.meta.url));
    worker.ref();
    worker.postMessage(files);
    try {
      const [checked] = await once(worker, "message") as [Checked];
      worker.unref(); // a program that waits for nothing else may end
      return checked;
    } catch (e) {
      this.worker = undefined; // a thread ends with what it threw
      throw e;
    }
  }
}

/** Where this package runs from its TypeScript, something transforms it in this thread, and in no other. */
class CheckerHere implements Checker {
  private checker: Promise<{ check(files: readonly string[]): Checked }> | undefined;

  async check(files: readonly string[]): Promise<Checked> {
    this.checker ??= import("./typecheck.ts").then(({ TypeChecker }) => new TypeChecker());
    return (await this.checker).check(files);
  }
}

/** One for the process. */
let shared: Checker | undefined;
export const typeChecker = (): Checker => (shared ??= runsFromSource ? new CheckerHere() : new CheckerThread());
