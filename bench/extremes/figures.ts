/** What comes out of a scenario: figures, some with a target, and what others had to wait for. Pure. */
import * as words from "../sockets/words.ts";
import type { Probe } from "./probe.ts";

export type Unit = "ms" | "KiB" | "MiB" | "x" | "a second";

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** It is to be this at most; undefined where it is told for information. */
  readonly bound?: number | undefined;
}

/** What other clients met while something went on. */
export interface Meanwhile {
  readonly during: string;
  readonly probe: Probe;
}

export interface Outcome {
  readonly scenario: string;
  readonly figures: readonly Figure[];
  readonly meanwhile: readonly Meanwhile[];
}

/** Whether the target is met; undefined without one, or without a figure. */
export function isMet({ value, bound }: Figure): boolean | undefined {
  return bound === undefined || Number.isNaN(value) ? undefined : value <= bound;
}

export function waitOf({ during, probe }: Meanwhile, boundMs: number | undefined): Figure[] {
  return [
    { what: `${during}: others' p99`, value: probe.p99Ms, unit: "ms", bound: boundMs },
    { what: `${during}: others' longest`, value: probe.maxMs, unit: "ms" },
  ];
}

export const FIGURES_HEADER: readonly string[] = ["scenario", "what", "figure", "target", "met"];

export function figureCells(scenario: string, figure: Figure): readonly string[] {
  const { what, value, unit, bound } = figure;
  const met = isMet(figure);
  return [
    scenario,
    what,
    valueText(value, unit),
    bound === undefined ? "" : `≤ ${valueText(bound, unit)}`,
    met === undefined ? "" : words.verdict({ isMet: met }),
  ];
}

export const MEANWHILE_HEADER: readonly string[] = [
  "other clients during",
  "samples",
  "p50",
  "p99",
  "longest",
  "p99 on time",
];

export function meanwhileCells({ during, probe }: Meanwhile): readonly string[] {
  const times = [probe.p50Ms, probe.p99Ms, probe.maxMs, probe.onTimeP99Ms];
  return [during, probe.samples.toLocaleString("en"), ...times.map(words.ms)];
}

export function valueText(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return words.NONE;
  if (unit === "ms") return words.ms(value);
  if (unit === "x") return words.times(value);
  if (unit === "a second") return `${words.rate(value)}/s`;
  return `${value.toFixed(1)} ${unit}`;
}
