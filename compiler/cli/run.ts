import { generatorName } from "../artifact/version.ts";
import { closest, DiagnosticError, fail, showDiagnostics } from "../frontend/index.ts";
import { build } from "./build.ts";
import { check } from "./check.ts";
import { columns, type Command } from "./command.ts";
import { inspect } from "./inspect.ts";
import type { Io } from "./io.ts";

const commands: Readonly<Record<string, Command>> = { build, inspect, check };

/** The `chainrule` command: runs `argv` (without the program's name) and gives the exit status. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    io.err(showDiagnostics(e.diagnostics, io));
    return 1;
  }
}

async function dispatch([name, ...args]: readonly string[], io: Io): Promise<number> {
  switch (name) {
    case undefined: case "--help": case "-h": case "help":
      io.out(help());
      return name === undefined ? 1 : 0;
    case "--version": case "-v":
      io.out(`${generatorName()}\n`);
      return 0;
  }
  if (!Object.hasOwn(commands, name)) {
    const meant = closest(name, Object.keys(commands));
    fail(`there is no command "${name}"`, meant ? `did you mean: chainrule ${meant}?` : `the commands are: ${Object.keys(commands).join(", ")}`);
  }
  return commands[name].start(args, io);
}

function help(): string {
  const rows = Object.values(commands).map((c) => [`${c.name} ${c.positionals}`, c.summary]);
  return `${generatorName()}: compiles tensor programs written in TypeScript ahead of time\n\n${columns(rows)}\n\nchainrule COMMAND --help tells the options of a command.\n`;
}
