/** The face of `@std/cli/parse-args`, as far as it is used here: npm's republication has no types. */
export interface ParseOptions {
  string?: readonly string[];
}

export function parseArgs(
  args: readonly string[],
  options?: ParseOptions,
): { _: (string | number)[]; [name: string]: unknown };
