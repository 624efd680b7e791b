/**
 * The results of a scenario as a page of Markdown, for files and terminals alike. Pure; nothing here
 * names a machine, a path or a user.
 */

import { padColumns } from "../../lib/columns.ts";

type Cells = readonly string[];

/** A table, and what its figures contain. */
export interface Section {
  /** Undefined for the first section. */
  readonly heading?: string;
  readonly text?: string;
  readonly header: Cells;
  readonly rows: readonly Cells[];
}

export interface Page {
  readonly title: string;
  /** The command that writes the page. */
  readonly command: string;
  /** When, where and with which versions it ran, and what was left out. */
  readonly environment: Cells;
  readonly sections: readonly Section[];
}

export function markdownOf({ title, command, environment, sections }: Page): string {
  const parts = sections.flatMap(({ heading, text, header, rows }) =>
    [
      heading === undefined ? [] : `## ${heading}`,
      text ?? [],
      table(header, rows),
    ].flat()
  );
  const written = `Written by \`${command}\`; the next run replaces it.`;
  const list = environment.map((item) => `- ${item}`).join("\n");
  return [`# ${title}`, written, list, ...parts].join("\n\n") + "\n";
}

/** Returns a table with padded columns, as `deno fmt` writes it. */
function table(header: Cells, rows: readonly Cells[]): string {
  const [padded, ...others] = padColumns([header, header.map(() => "---"), ...rows]);
  const rule = padded!.map((cell) => "-".repeat(cell.length));
  return [padded!, rule, ...others.slice(1)].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
