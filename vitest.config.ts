import { defineConfig } from "vitest/config";

const here = (path: string): string => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^chainrule$/, replacement: here("./ir/index.ts") },
      { find: /^chainrule\/compiler$/, replacement: here("./compiler/index.ts") },
      { find: /^chainrule\/runtime$/, replacement: here("./runtime/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // generous: a loaded machine is no failure
    testTimeout: 120_000,
    reporters: ["default", here("./test/tally.ts")],
    pool: "forks",
  },
});
