import { afterAll, expect, test } from "vitest";
import { defineModel, f32, i32 } from "chainrule";
import { checkTorchSample } from "../conformance/check.ts";
import { BrowserTarget } from "./target.ts";

let target: BrowserTarget | string | undefined;
afterAll(async () => { if (typeof target === "object") await target.close(); });

checkTorchSample("a GPU in Chromium", async () => (target ??= await BrowserTarget.open()), 7, 300);

test("calls that queue up upload through the ring, which comes back between tasks, and one that fails does nothing", async ({ skip }) => {
  target ??= await BrowserTarget.open();
  if (typeof target === "string") return skip(target);
  const model = defineModel("bank", (m) => {
    const table = m.param("table", [5, 2]), total = m.state("total", [2]);
    m.fn("take", { at: i32("B") }, ({ at }) => ({ outputs: {}, updates: [[total, total.add(table.indexSelect(0, at).sum(0))]] }));
    m.fn("put", { at: i32("B"), rows: f32("B", 2) }, ({ at, rows }) => {
      const written = table.indexCopy(0, at, rows);
      return { outputs: { row: written.indexSelect(0, written.sum(1).argmax(0).unsqueeze(0)) }, updates: [[table, written]] };
    });
  });
  const seen = await target.run(model, async (bank) => {
    const { queue } = bank.gpu as GPUDevice, uploads: number[] = [], write = queue.writeBuffer.bind(queue);
    let written = 0;
    queue.writeBuffer = (...args: Parameters<typeof write>) => { written++; write(...args); };
    bank.write("table", Float32Array.from({ length: 10 }, (_, i) => i));
    for (let round = 0; round < 4; round++) {
      written = 0;
      for (let i = 0; i < 6; i++) await bank.queue.take({ at: Int32Array.of(1) });
      uploads.push(written);
      await queue.onSubmittedWorkDone();
      await new Promise((done) => setTimeout(done, 50));
    }
    void bank.queue.put({ at: Int32Array.of(0, 9), rows: [[7, 7], [8, 8]] });
    void bank.queue.put({ at: Int32Array.of(0), rows: [[1, 1]] });
    const told = await bank.save().then(() => "nothing", String);
    return { uploads, told, table: Array.from((await bank.read("table")).data), total: Array.from((await bank.read("total")).data) };
  });
  expect(seen).toEqual({
    // the ring is of four buffers, and back after each round; in the first, more is made ready
    uploads: [expect.any(Number) as number, 2, 2, 2],
    told: expect.stringContaining("bank.put, which was queued, has done nothing") as string,
    table: [1, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    total: [48, 72],
  });
}, 60_000);
