/** The options of the benchmark runner, and what every scenario receives. Pure. */
// @ts-types="../types/cli.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import type { Section } from "./report/page.ts";

export const USAGE = `Usage: deno task bench:run SCENARIO... [options]

  --quick            smaller sizes, fewer and shorter rounds; writes no results
  --rounds N         rounds of each measurement, for scenarios that repeat
  --seconds N        seconds of each measurement under load
  --executable PATH  the executable to start, instead of the one in builds/
  --out FOLDER       where results are written, instead of bench/results`;

export interface Options {
  readonly scenarios: readonly string[];
  readonly isQuick: boolean;
  readonly rounds: number | undefined;
  readonly seconds: number | undefined;
  readonly executable: string | undefined;
  readonly out: string | undefined;
}

/** What a scenario receives. */
export interface Context extends Pick<Options, "isQuick" | "rounds" | "seconds" | "executable"> {
  /** Aborts when the runner is interrupted. */
  readonly signal: AbortSignal;
  /** Adds a note to the page, for what its reader has to know. */
  note(text: string): void;
  /** Tells how far the scenario has come. */
  progress(text: string): void;
}

export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly run: (context: Context) => Promise<readonly Section[]>;
}

/** Reads the arguments. Throws an `Error` for unknown options and scenarios and for bad numbers. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const flags = parseArgs([...args], {
    boolean: ["quick"],
    string: ["rounds", "seconds", "executable", "out"],
    unknown(option, key): boolean {
      if (key !== undefined) {
        throw new Error(`Cannot read option "${option}": there is none\n${USAGE}`);
      }
      return true;
    },
  });
  const scenarios = flags._.map(String);
  const unknown = scenarios.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`Cannot run scenario "${unknown}": there are ${known.join(", ")}`);
  }
  return {
    scenarios,
    isQuick: flags.quick === true,
    rounds: readNumber("rounds", flags.rounds, 1),
    seconds: readNumber("seconds", flags.seconds, 0.1),
    executable: readText(flags.executable),
    out: readText(flags.out),
  };
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function readNumber(name: string, value: unknown, lowest: number): number | undefined {
  if (value === undefined) return undefined;
  const number = value === "" ? NaN : Number(value);
  if (number >= lowest && number < Infinity) return number;
  throw new Error(`Cannot read --${name} "${value}": it takes a number of at least ${lowest}`);
}
