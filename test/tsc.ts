import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/** What `tsc --noEmit -p project` says; nothing where all types are right. The tests of types are in there. */
export const typeErrors = (project: string): Promise<string> =>
  new Promise((done, fail) => {
    execFile(process.execPath, [tsc, "--noEmit", "--pretty", "false", "-p", project], { cwd: root, maxBuffer: 1 << 26 }, (error, out, err) => {
      if (error && typeof error.code !== "number") fail(error); // it did not run
      else done(error ? `${out}${err}` || `tsc exited with ${error.code}` : "");
    });
  });
