/**
 * How threads meet: a block of shared memory with the job at hand, a bell for each worker, and a barrier. One of these
 * objects for each thread; thread 0 is the one that calls.
 *
 * Those who wait look again and again for a while, as waking a thread that sleeps takes a hundred times as long, and
 * then sleep, as someone else may need the core. (The main thread of a page may not sleep, and goes on looking.)
 *
 * This function travels to workers as text: it mentions nothing but its parameters.
 */
export function team(control: Int32Array, thread: number, spins: number) {
  // Words of the block, those that different threads write 64 bytes apart: each on a cache line of its own. A word that
  // is waited for is followed by the number of those who sleep.
  const arrived = 0, generation = 16, failedAt = 32, job = 33, bells = 48, texts = 48 + 16 * 64, longestText = 128;
  const bell = (t: number): number => bells + 16 * t;
  const runs = 2, mails = 3, failure = 4;
  /** What stops a thread when another has failed. */
  const stopped = new Error("another thread failed");
  let ran = 0, opened = 0, size = 1;

  let maySleep = true;
  try {
    Atomics.wait(control, texts, 1, 0);
  } catch {
    maySleep = false;
  }

  const wait = (word: number, old: number, times: number): void => {
    for (let i = 0; i < times; i++) if (Atomics.load(control, word) !== old) return;
    while (Atomics.load(control, word) === old) {
      if (!maySleep) continue;
      Atomics.add(control, word + 1, 1);
      Atomics.wait(control, word, old);
      Atomics.sub(control, word + 1, 1);
    }
  };
  const change = (word: number): void => {
    Atomics.add(control, word, 1);
    if (Atomics.load(control, word + 1) > 0) Atomics.notify(control, word);
  };
  /** Waits for all; gives the number of this meeting. */
  const meet = (): number => {
    const now = Atomics.load(control, generation);
    if (Atomics.add(control, arrived, 1) === size - 1) {
      Atomics.store(control, arrived, 0);
      change(generation);
    } else wait(generation, now, spins);
    return now;
  };
  /** Waits for all. Throws where one of them failed on the way here: then all stop at this same meeting. */
  const barrier = (): void => { if (meet() + 1 === Atomics.load(control, failedAt)) throw stopped; };
  /** Says why this thread stops; the others will where they meet it next. */
  const fail = (error: unknown): void => {
    const at = bell(thread) + failure;
    if (Array.isArray(error)) control.set([1, ...(error as number[])], at);
    else {
      const text = String(error).slice(0, longestText - 1);
      control.set([2, text.length], at);
      control.set(Array.from(text, (c) => c.charCodeAt(0)).slice(0, text.length), texts + longestText * thread);
    }
    Atomics.store(control, failedAt, Atomics.load(control, generation) + 1);
    meet();
  };
  const run = (threads: number, body: () => void): boolean => {
    size = threads;
    try {
      body();
      barrier();
    } catch (e) {
      if (e !== stopped) fail(e);
      meet(); // nobody leaves before all know
      return false;
    }
    return true;
  };

  return {
    thread,
    barrier,

    // ---- the thread that calls

    /** Calls a worker away from its bell, to open a message. */
    mail(worker: number): void {
      Atomics.add(control, bell(worker) + mails, 1);
      change(bell(worker));
    },
    /**
     * Runs `body` here, and function `fn` of `model` in the workers; returns when all are done. Throws what the first
     * thread that failed did: this one's error as it was, of a worker an array (index, size and note of an index that is
     * out of range) or a text.
     */
    call(model: number, fn: number, threads: number, body: () => void): void {
      control.set([model, fn, threads], job);
      for (let t = 1; t < threads; t++) {
        Atomics.add(control, bell(t) + runs, 1);
        change(bell(t));
      }
      let own: { readonly error: unknown } | undefined;
      const isDone = run(threads, () => {
        try {
          body();
        } catch (error) {
          if (error !== stopped) own = { error };
          throw error;
        }
      });
      if (isDone) return;
      const failures = Array.from({ length: threads }, (_, t) => {
        const at = bell(t) + failure, [kind, ...words] = control.slice(at, at + 4);
        control[at] = 0;
        return kind === 1 ? words : kind === 2 ? String.fromCharCode(...control.subarray(texts + longestText * t, texts + longestText * t + words[0])) : undefined;
      });
      throw own ? own.error : failures.find((f) => f !== undefined);
    },

    // ---- workers

    /** Waits for the bell. True: there is something to run; false: a message has come. */
    listen(): boolean {
      for (;;) {
        const now = Atomics.load(control, bell(thread));
        if (Atomics.load(control, bell(thread) + runs) !== ran) {
          ran++;
          return true;
        }
        if (Atomics.load(control, bell(thread) + mails) !== opened) return false;
        wait(bell(thread), now, 10 * spins);
      }
    },
    /** A message was opened. */
    open(): void { opened++; },
    /** Does a worker's part of the present call. */
    work(body: (model: number, fn: number, threads: number) => void): void {
      const [model, fn, threads] = control.subarray(job, job + 3);
      run(threads, () => body(model, fn, threads));
    },
  };
}

export type Team = ReturnType<typeof team>;

/** Threads there can be. */
export const mostThreads = 64;
/** A block for {@link team}. */
export const controlBlock = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * (48 + (16 + 128) * mostThreads)));
