import { expect, test } from "vitest";
import { typeErrors } from "./tsc.ts";

/** Files named `*.test-d.ts` hold the tests of types: `expectTypeOf` and `@ts-expect-error`. */
test("every type is right, in the sources and in the tests", async () => { expect(await typeErrors(".")).toBe(""); }, 300_000);
