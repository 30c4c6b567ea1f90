import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Naps } from "../../../runtime/webgpu/nap.ts";

/** How long a result that is there `ms` after it was asked for is slept through, then polled for. */
async function spent(naps: Naps, ms: number, calls?: number): Promise<{ asleep: number; polling: number }> {
  const start = performance.now();
  let polls = start;
  const done = naps.before(async () => {
    polls = performance.now();
    const left = start + ms - polls;
    if (left > 0) await new Promise((there) => setTimeout(there, left));
  }, calls);
  await vi.runAllTimersAsync();
  await done;
  return { asleep: polls - start, polling: performance.now() - polls };
}

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

test("the first wait polls; from then on most of the shortest of the last waits is slept through", async () => {
  const naps = new Naps();
  expect(await spent(naps, 80)).toEqual({ asleep: 0, polling: 80 });
  expect(await spent(naps, 160)).toEqual({ asleep: 69, polling: 91 });
  expect(await spent(naps, 160)).toEqual({ asleep: 69, polling: 91 });
});

test("longer waits are believed when there have been four of them", async () => {
  const naps = new Naps();
  await spent(naps, 80);
  for (let i = 0; i < 4; i++) expect((await spent(naps, 160)).asleep).toBe(69);
  expect((await spent(naps, 160)).asleep).toBe(139);
});

test("a nap that was too long shortens the next", async () => {
  const naps = new Naps();
  await spent(naps, 80);
  const naptimes: number[] = [];
  for (let i = 0; i < 8; i++) naptimes.push((await spent(naps, 30)).asleep);
  expect(naptimes.slice(0, 3)).toEqual([69, 59, 50]);
  expect(naptimes.at(-1)).toBe(25);
});

test("several calls are slept through as long as so many", async () => {
  const naps = new Naps();
  await spent(naps, 80, 4);
  expect(await spent(naps, 80, 4)).toEqual({ asleep: 69, polling: 11 });
  expect(await spent(naps, 200, 10)).toEqual({ asleep: 174, polling: 26 });
  expect((await spent(naps, 20)).asleep).toBe(16);
});
