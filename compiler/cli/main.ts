#!/usr/bin/env node
import pc from "picocolors";
import { run } from "./run.ts";

// a reader that has seen enough (`chainrule inspect … | head`) is no error
process.stdout.on("error", (e: NodeJS.ErrnoException) => { if (e.code === "EPIPE") process.exit(0); else throw e; });

process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  color: pc.isColorSupported && process.stderr.isTTY === true,
});
