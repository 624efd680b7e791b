/** Rows of cells as a table: in Markdown, and laid out for a terminal. Pure. */

type Cells = readonly string[];

/** Columns as wide as their widest cell, as `deno fmt` has them. */
export function markdownTable(header: Cells, rows: readonly Cells[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(3, ...all.map((row) => row[i]!.length)));
  const lineOf = (row: Cells) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [lineOf(header), lineOf(rule), ...rows.map(lineOf)].join("\n");
}

export function markdownList(items: Cells): string {
  return items.map((item) => `- ${item}`).join("\n");
}

/** In columns, figures to the right; a line for the header and for each row. */
export function textTable(
  header: Cells,
  rows: readonly Cells[],
  isFigure: (column: number) => boolean,
): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) =>
    row.map((cell, i) => isFigure(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))
      .join("  ").trimEnd()
  );
}

/** Green where the target is met, red where not. */
export function paint(text: string, isMet: boolean | undefined): string {
  return isMet === undefined ? text : `\x1b[${isMet ? 32 : 31}m${text}\x1b[0m`;
}
