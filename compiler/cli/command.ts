import { parseArgs } from "node:util";
import { closest, fail } from "../frontend/index.ts";
import type { Io } from "./io.ts";

/** One option of a command: what `parseArgs` needs of it, and what `--help` says. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** Names the value in `--help`. */
  readonly value?: string;
  readonly help: string;
  /** May be given several times. */
  readonly multiple?: boolean;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What the options of a command line come to: undefined for one that was not given. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: (O[K]["type"] extends "boolean" ? boolean : O[K] extends { readonly multiple: true } ? readonly string[] : string) | undefined;
};

/** A command as `--help` tells it. */
interface CommandText<O extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  readonly summary: string;
  /** The positional arguments. */
  readonly positionals: string;
  readonly options: O;
}

export interface Command extends CommandText {
  /** Parses the arguments after the command's name and runs it; the exit status. Mistakes of the user are thrown as DiagnosticErrors. */
  readonly start: (args: readonly string[], io: Io) => Promise<number>;
}

/** Makes a command of its options and what to do with their values. */
export function command<const O extends OptionSpecs>(c: CommandText<O> & { readonly run: (options: OptionValues<O>, positionals: readonly string[], io: Io) => Promise<number> }): Command {
  const specs = Object.fromEntries(Object.entries<OptionSpec>(c.options).map(([name, { type, multiple }]) => [name, { type, multiple: multiple ?? false }]));
  const { run, ...text } = c;
  return {
    ...text,
    async start(args, io) {
      if (args.includes("--help") || args.includes("-h")) {
        io.out(commandHelp(text));
        return 0;
      }
      let parsed: { values: object; positionals: string[] };
      try {
        parsed = parseArgs({ args: [...args], options: specs, allowPositionals: true, strict: true });
      } catch (e) {
        return explain(e, text);
      }
      // what `specs` describes is what `OptionValues` says; parseArgs cannot tell it of a computed object
      return run(parsed.values as OptionValues<O>, parsed.positionals, io);
    },
  };
}

/** Node's complaint about the arguments, in fewer words and with what was meant. */
function explain(e: unknown, c: CommandText): never {
  const { code, message } = e as { code?: string; message: string };
  const help = `see: chainrule ${c.name} --help`;
  const unknown = /Unknown option '([^']+)'/.exec(message)?.[1];
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" && unknown !== undefined) {
    const meant = closest(unknown, Object.keys(c.options).map((name) => `--${name}`));
    return fail(`${c.name} has no option ${unknown}`, meant ? `did you mean ${meant}?` : help);
  }
  if (code?.startsWith("ERR_PARSE_ARGS")) return fail(message.split("\n")[0], help);
  throw e;
}

function commandHelp(c: CommandText): string {
  const rows = Object.entries(c.options).map(([name, o]) => [`--${name}${o.type === "string" ? ` ${o.value ?? "VALUE"}` : ""}`, o.help]);
  return `${c.summary}\n\n  chainrule ${c.name} ${c.positionals}\n\n${columns(rows)}\n`;
}

/** Rows of text, the first column padded to one width. */
export function columns(rows: readonly (readonly string[])[], margin = "  "): string {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `${margin}${first.padEnd(width)}  ${second}`.trimEnd()).join("\n");
}
