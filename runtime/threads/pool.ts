import { controlBlock, team, type Team } from "./team.ts";
import { serve, type Message } from "./worker.ts";

/** A worker of Node or of a browser: what they have in common. */
interface WorkerLike {
  postMessage(m: Message): void;
  /** In Node: whether the program goes on for its sake. */
  ref?(): void;
  unref?(): void;
  onAnswer(listener: (problem: string | undefined) => void, onError: (e: unknown) => void): void;
}

/** A model as its workers know it. */
export interface ThreadedModel {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly functions: readonly string[];
}

/** Cores of this machine, as far as one is told. */
export const cores = (): number => globalThis.process?.getBuiltinModule?.("node:os")?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;

/**
 * How often to look before going to sleep: for some 50 µs, about as long as it takes to wake a thread. On one core,
 * whoever looks keeps the one that is looked for from running.
 */
const spins = cores() > 1 ? 20_000 : 0;

/**
 * The workers of this program: one pool for all models, whatever artifacts they are of. Workers start when a model
 * first needs them, and do not keep the program from ending.
 */
export class Pool {
  readonly team: Team;
  private readonly control = controlBlock();
  private readonly workers: Colleague[] = [];
  private ids = 0;
  private readonly gone: FinalizationRegistry<number>;

  constructor() {
    this.team = team(this.control, 0, spins);
    this.gone = new FinalizationRegistry((id) => { for (const w of this.workers) w.tell({ kind: "forget", id }).catch(() => {}); });
  }

  /** Makes a model known to as many threads; gives its number. It is forgotten when `owner` is. */
  async add(model: ThreadedModel, threads: number, owner: object): Promise<number> {
    while (this.workers.length < threads - 1) {
      const thread = this.workers.length + 1;
      const worker = new Colleague(startWorker(), () => this.team.mail(thread));
      this.workers.push(worker);
      worker.tell({ kind: "join", control: this.control, thread, spins }).catch(() => {}); // the next message fails too
    }
    const id = this.ids++;
    await Promise.all(this.workers.slice(0, threads - 1).map((w) => w.tell({ kind: "model", id, ...model })));
    this.gone.register(owner, id);
    return id;
  }
}

/** One worker, and those who wait for its answers. */
class Colleague {
  private readonly worker: WorkerLike;
  private readonly ring: () => void;
  private readonly waiting: { readonly resolve: () => void; readonly reject: (e: unknown) => void }[] = [];
  private dead: { readonly error: unknown } | undefined;

  constructor(worker: WorkerLike, ring: () => void) {
    this.worker = worker;
    this.ring = ring;
    worker.unref?.();
    worker.onAnswer((problem) => {
      const asked = this.waiting.shift();
      if (this.waiting.length === 0) worker.unref?.();
      if (problem === undefined) asked?.resolve();
      else asked?.reject(new Error(problem));
    }, (error) => {
      this.dead = { error };
      for (const asked of this.waiting.splice(0)) asked.reject(error);
    });
  }

  /** Sends a message; resolves when it was acted on. Only then may the program end. */
  tell(m: Message): Promise<void> {
    if (this.dead) return Promise.reject(this.dead.error);
    return new Promise((resolve, reject) => {
      this.worker.ref?.();
      this.waiting.push({ resolve, reject });
      this.worker.postMessage(m);
      this.ring();
    });
  }
}

/** The text of a worker. (Bundlers that keep names wrap functions in calls of `__name`.) */
const workerText = (receive: string, answer: string): string => `const __name = (f) => f;\n(${String(serve)})(${String(team)}, ${receive}, ${answer});`;

/** As text, so that no file beside has to be found, by bundlers or in a page's folder. */
function startWorker(): WorkerLike {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (node) {
    const port = 'require("node:worker_threads").parentPort';
    // without the flags of this process, among which may be loaders that take their time
    const worker = new node.Worker(workerText(`(f) => ${port}.on("message", f)`, `(x) => ${port}.postMessage(x)`), { eval: true, execArgv: [] });
    return {
      postMessage: (m) => { worker.postMessage(m); },
      ref: () => { worker.ref(); },
      unref: () => { worker.unref(); },
      onAnswer: (listener, onError) => { worker.on("message", listener).on("error", onError); },
    };
  }
  const url = URL.createObjectURL(new Blob([workerText("(f) => { onmessage = (e) => f(e.data); }", "postMessage")], { type: "text/javascript" }));
  const worker = new Worker(url);
  return {
    postMessage: (m) => { worker.postMessage(m); },
    onAnswer: (listener, onError) => {
      worker.onmessage = (e: MessageEvent<string | undefined>) => { listener(e.data); };
      worker.onerror = (e) => { onError(new Error(e.message || "a worker could not start")); };
    },
  };
}

/** Why there can be no threads here; undefined where there can. */
export function lacksThreads(): string | undefined {
  if (typeof SharedArrayBuffer !== "function") return "memory cannot be shared: the page is not cross-origin isolated";
  if (globalThis.crossOriginIsolated === false && !globalThis.process?.versions?.node) return "the page is not cross-origin isolated";
  return typeof (globalThis.process?.getBuiltinModule ?? globalThis.Worker) === "function" ? undefined : "this engine has no workers";
}

/** Known to every copy of this code, as each artifact has one. The number changes with what workers understand. */
const key = Symbol.for("chainrule threads 1");

/** The pool of this program. */
export function pool(): Pool {
  const shared = globalThis as { [key]?: Pool };
  return (shared[key] ??= new Pool());
}
