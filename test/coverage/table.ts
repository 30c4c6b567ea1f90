import { readFileSync } from "node:fs";
import { api, plain } from "./api.ts";
import { reasons, spellings } from "./spellings.ts";

interface Peer { readonly name: string; readonly version: string; readonly lists: Readonly<Record<string, readonly string[]>> }

/** What becomes of a peer's name here. */
interface Entry { readonly name: string; readonly here: string | null; readonly reason: string | null }

const peers = (): readonly Peer[] => ["torch", "jax-js", "tfjs"].map((file) => JSON.parse(readFileSync(`${import.meta.dirname}/peers/${file}.json`, "utf8")) as Peer);

/** A name, looked up by its spelling here and by its own word. */
function entry(name: string, known: ReadonlyMap<string, string>): Entry {
  const reason = reasons.find(([, pattern]) => pattern.test(name))?.[0] ?? null;
  const spelled = Object.hasOwn(spellings, name) ? spellings[name] : null;
  const words = [name, name.replace(/Loss$/, ""), name.replace(/_loss$/, ""), name.replace(/^(linalg|special)_/, "")];
  const here = [...(spelled === null ? [] : [spelled]), ...words].map((word) => known.get(plain(word))).find((found) => found !== undefined) ?? null;
  return { name, here, reason: here ? null : reason };
}

/** The coverage table, Markdown. */
export function coverageText(): string {
  const known = api();
  const sections = peers().map((peer) => {
    const lists = Object.entries(peer.lists).map(([list, names]) => ({ list, entries: names.map((name) => entry(name, known)) }));
    const all = lists.flatMap((l) => l.entries);
    const rows = [...lists, { list: "**all**", entries: all }].map(({ list, entries }) => {
      const here = entries.filter((e) => e.here).length, never = entries.filter((e) => e.reason).length;
      return `| ${list} | ${entries.length} | ${here} | ${never} | ${entries.length - here - never} | ${percent(here, entries.length - never)} |`;
    });
    const details = lists.map(({ list, entries }) => [
      `<details><summary>${list}</summary>\n`,
      lines("here", entries.filter((e) => e.here).map((e) => (bare(e.here!) === plain(e.name) ? `\`${e.here}\`` : `${e.name}: \`${e.here}\``))),
      ...reasons.map(([reason]) => lines(reason, entries.filter((e) => e.reason === reason).map((e) => e.name))),
      lines("missing", entries.filter((e) => !e.here && !e.reason).map((e) => e.name)),
      "</details>\n",
    ].filter((l) => l !== "").join("\n"));
    return [`## ${peer.name} ${peer.version}\n`, "| names of | there | here | not by nature | missing | here of what can be |", "| --- | ---: | ---: | ---: | ---: | ---: |", ...rows, "", ...details].join("\n");
  });
  return `${head}\n${sections.join("\n\n")}`;
}

const head = `# Coverage

Names of peers that are here, by the same word or another, as \`npm run coverage\` finds them in the code. A name that is
here takes the options that PyTorch's takes where its documentation here says so; what agrees in numbers is held by
the conformance tests. "Not by nature" is what an ahead-of-time graph of dense real tensors cannot have.
`;
const bare = (spelling: string): string => plain(spelling.slice(spelling.lastIndexOf(".") + 1));
const percent = (a: number, b: number): string => (b === 0 ? "" : `${Math.floor((100 * a) / b)} %`);
const lines = (title: string, names: readonly string[]): string => (names.length === 0 ? "" : `**${title}** (${names.length}): ${names.join(", ")}\n`);

/** Right-hand sides of the spellings that exist nowhere here. */
export function brokenSpellings(): string[] {
  const known = api();
  return Object.values(spellings).filter((word) => !known.has(plain(word)));
}
