/** Formats text in columns. Pure. Imports nothing, so any folder may use it. */

/**
 * Returns the rows with each cell padded by blanks to the width of its column. The last column is
 * padded too: callers join the cells as they like, and trim the end of a line where it matters.
 * @param widthOf measures a cell; by default its length.
 */
export function padColumns(
  rows: readonly (readonly string[])[],
  widthOf: (cell: string) => number = (cell) => cell.length,
): string[][] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, widthOf(cell)));
  }
  return rows.map((row) =>
    row.map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - widthOf(cell)))
  );
}
