import { expect, test } from "vitest";
import { Remote } from "./remote.ts";

/** A process that answers as a contender does, with what its program says. */
const answering = (program: string): Remote =>
  new Remote(process.execPath, ["-e", `require("readline").createInterface({ input: process.stdin }).on("line", (line) => { const q = JSON.parse(line), say = (a) => require("fs").writeSync(3, JSON.stringify(a) + "\\n"); ${program} })`]);

test("a question has its answer; what the process prints is none", async () => {
  const remote = answering(`console.log("noise"); say({ samples: [q.seconds, 2] })`);
  expect(await remote.ask({ ask: "sample", seconds: 7 })).toEqual({ samples: [7, 2] });
  expect(await remote.ask({ ask: "sample", seconds: 8 })).toEqual({ samples: [8, 2] });
  expect(remote.ended).toBe(false);
  remote.close();
});

test("a process that ends says why, to the question that it had and to any after it", async () => {
  const remote = answering(`console.error("out of memory"); process.exit(3)`);
  expect(await remote.ask({ ask: "sample", seconds: 1 })).toEqual({ unavailable: "its process ended (3): out of memory" });
  expect(remote.ended).toBe(true);
  expect(await remote.ask({ ask: "sample", seconds: 1 })).toEqual({ unavailable: "its process ended (3): out of memory" });
});

test("a program that is not there is unavailable", async () => {
  const remote = new Remote("no-such-program", []);
  expect(await remote.ask({ ask: "sample", seconds: 1 })).toEqual({ unavailable: expect.stringContaining("no-such-program") as string });
});
