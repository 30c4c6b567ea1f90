import { watch as watchFolder, type FSWatcher } from "node:fs";
import { dirname } from "node:path";

/** Files whose change may change a build. */
const matters = /\.(m?ts|json)$/;
/** Editors write a file in several steps; a build waits until they are done. */
const settleMs = 60;

/**
 * Calls `build` now and whenever a source changes, one call at a time, until `signal` fires. `build` gives the files
 * it read. Their folders are watched, not the files: editors replace files, and new ones may appear.
 */
export async function watch(build: () => Promise<readonly string[]>, signal: AbortSignal | undefined): Promise<void> {
  const folders = new Map<string, FSWatcher>();
  let wake: () => void = () => {};
  let isDirty = false;
  const onChange = (_: string, name: string | null): void => {
    if (name !== null && !matters.test(name)) return;
    isDirty = true;
    wake();
  };
  const onAbort = (): void => wake();
  signal?.addEventListener("abort", onAbort);
  try {
    while (!signal?.aborted) {
      isDirty = false;
      const sources = await build();
      for (const folder of new Set(sources.map(dirname)))
        if (!folders.has(folder)) folders.set(folder, watchFolder(folder, onChange).on("error", () => { folders.get(folder)?.close(); folders.delete(folder); }));
      while (!isDirty && !signal?.aborted) await new Promise<void>((resolve) => { wake = resolve; if (isDirty || signal?.aborted) resolve(); });
      await settled(() => { const changed = isDirty; isDirty = false; return changed; });
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    for (const watcher of folders.values()) watcher.close();
  }
}

/** Waits until nothing has changed for a moment. */
async function settled(changed: () => boolean): Promise<void> {
  do { changed(); await new Promise((resolve) => setTimeout(resolve, settleMs)); } while (changed());
}
