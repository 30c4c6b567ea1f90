import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { runsFromSource } from "./own.ts";
import type { Checked } from "./typecheck.ts";

/** Type-checks model files; keeps its programs, so that checking again costs only what changed. */
export interface Checker {
  /** Gets ready for what will be asked, meanwhile: what it needs takes a while to load. */
  start(): void;
  check(files: readonly string[]): Promise<Checked>;
}

/** Syntax trees stay for good: with room for many there is less to copy while they are made. */
const maxYoungGenerationSizeMb = 128;

/** Loading TypeScript and checking a file take as long as all the rest of a build: they have a thread of their own. */
class CheckerThread implements Checker {
  private worker: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();

  /** A thread that nobody waits for does not keep the program from ending. */
  start(): void { this.running().unref(); }

  private running(): Worker { return this.worker ??= new Worker(new URL("./check-thread.js", import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb } }); }

  check(files: readonly string[]): Promise<Checked> {
    const answer = this.last.then(() => this.ask(files));
    this.last = answer.catch(() => {});
    return answer;
  }

  private async ask(files: readonly string[]): Promise<Checked> {
    const worker = this.running();
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

  start(): void {}

  async check(files: readonly string[]): Promise<Checked> {
    this.checker ??= import("./typecheck.ts").then(({ TypeChecker }) => new TypeChecker());
    return (await this.checker).check(files);
  }
}

/** One for the process. */
let shared: Checker | undefined;
export const typeChecker = (): Checker => (shared ??= runsFromSource ? new CheckerHere() : new CheckerThread());
