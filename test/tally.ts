import type { Reporter, TestModule, TestSuite } from "vitest/node";

/**
 * Closes a run with `N passed, N failed, N skipped` on a line of its own, after the names of what was skipped and why.
 * A file that does not load, and a hook that fails, count as failed: their tests never ran.
 */
export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0, failed = errors.length;
    const skipped: string[] = [];
    for (const module of modules) {
      const groups: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
      const broken = groups.filter((group) => group.errors().length > 0);
      failed += broken.length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed++;
        else if (result.state === "failed") failed++;
        else skipped.push(`${module.relativeModuleId} > ${test.fullName}: ${broken.length > 0 ? "what comes before it failed" : (result.state === "skipped" && result.note) || "see what its file printed"}`);
      }
    }
    for (const line of skipped) console.log(`skipped  ${line}`);
    console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  }
}
