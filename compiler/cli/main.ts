#!/usr/bin/env node
import "./engine.ts";
import { typeChecker } from "../frontend/checker.ts";

// a reader that has seen enough (`chainrule inspect … | head`) is no error
process.stdout.on("error", (e: NodeJS.ErrnoException) => { if (e.code === "EPIPE") process.exit(0); else throw e; });

const [, , ...argv] = process.argv;
// first of all, where it will be asked for: what a build waits for longest
if (["build", "check", "inspect"].includes(argv[0]) && !argv.includes("--help")) typeChecker().start();

const { run } = await import("./run.ts"), { default: pc } = await import("picocolors");
process.exitCode = await run(argv, {
  cwd: process.cwd(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  color: pc.isColorSupported && process.stderr.isTTY === true,
});
