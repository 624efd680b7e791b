/** The face of `@std/cli/parse-args`, as far as it is used here: npm's republication has no types. */
export interface ParseOptions {
  readonly boolean?: readonly string[];
  readonly string?: readonly string[];
  readonly default?: Readonly<Record<string, unknown>>;
  /** Whether the arguments after "--" are returned apart from the positional ones. */
  readonly "--"?: boolean;
  /** Receives each argument that no option declares; its key is undefined for a positional one. */
  readonly unknown?: (argument: string, key?: string, value?: unknown) => unknown;
}
export interface ParseResult {
  readonly _: readonly (string | number)[];
  readonly "--"?: readonly string[];
  readonly [option: string]: unknown;
}
export function parseArgs(args: string[], options?: ParseOptions): ParseResult;
