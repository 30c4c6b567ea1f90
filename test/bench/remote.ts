import { spawn, type ChildProcess } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";

/** What the process of a contender is asked, a line of JSON on its standard input. */
export type Question =
  /** Make the workload ready, and write what its first calls give to a file: little-endian f32, one call after another. */
  | { readonly ask: "prepare"; readonly id: string; readonly calls: number; readonly file: string; readonly data?: string }
  /** Time it for a while. */
  | { readonly ask: "sample"; readonly seconds: number };

/** What it answers, a line of JSON on file descriptor 3. Samples are milliseconds a call. */
export type Answer = { readonly ready: true } | { readonly samples: readonly number[] } | { readonly unavailable: string };

/** The longest that an answer may take, in seconds. */
const patience = 300;

/** A contender in a process of its own. A process that ends, or does not answer, makes everything after it unavailable. */
export class Remote {
  private readonly child: ChildProcess;
  private readonly answers: Interface;
  private errors = "";
  private over: string | undefined;
  private resolve: ((answer: Answer) => void) | undefined;

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(command, args, { stdio: ["pipe", "ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.child.stderr!.on("data", (text: Buffer) => { this.errors = (this.errors + text.toString()).slice(-2000); });
    this.child.on("error", (e) => { this.end(e.message); });
    this.child.on("close", (code, signal) => { this.end(`its process ended (${code ?? signal}): ${this.errors.trim().split("\n").at(-1)}`); });
    this.child.stdin!.on("error", () => { /* it has ended, which "close" tells */ });
    this.answers = createInterface({ input: this.child.stdio[3] as Readable });
    this.answers.on("line", (line) => { this.settle(JSON.parse(line) as Answer); });
  }

  /** Whether its process has ended, or was ended. */
  get ended(): boolean { return this.over !== undefined; }

  ask(question: Question): Promise<Answer> {
    if (this.over !== undefined) return Promise.resolve({ unavailable: this.over });
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.end(`no answer within ${patience} s`);
        this.child.kill("SIGKILL");
      }, patience * 1000);
      this.resolve = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.child.stdin!.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** Ends the process. */
  close(): void { this.child.stdin!.end(); }

  private end(why: string): void {
    this.over ??= why;
    this.settle({ unavailable: this.over });
  }

  private settle(answer: Answer): void {
    this.resolve?.(answer);
    this.resolve = undefined;
  }
}
