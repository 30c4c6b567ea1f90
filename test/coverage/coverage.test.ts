import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { brokenSpellings, coverageText } from "./table.ts";

test("the coverage table is that of the code", () => {
  expect(readFileSync(`${import.meta.dirname}/COVERAGE.md`, "utf8"), "run npm run coverage").toBe(coverageText());
});

test("what a peer's name is said to be here exists", () => {
  expect(brokenSpellings()).toEqual([]);
});

test("most of what a PyTorch user reaches for is here", () => {
  const row = (name: string): number[] => coverageText().split("\n").find((l) => l.startsWith(`| ${name} |`))!.split("|").slice(2, 6).map(Number);
  for (const [name, least] of [["torch.nn", 0.85], ["torch.optim", 0.75], ["torch.optim.lr_scheduler", 0.8], ["torch.nn.functional", 0.9], ["torch", 0.8], ["torch.linalg", 0.7]] as const) {
    const [there, here, never] = row(name);
    expect(here / (there - never), name).toBeGreaterThanOrEqual(least);
  }
});
