/**
 * The recorded dialogues as data: what their files hold, and what their texts stand for. Pure.
 *
 * A file's text is UTF-8; what comes out here has one character a byte. `${ADDRn}` in expected text
 * is the default name of connection n, `${ALT:a|b}` is either.
 */
import { textOf } from "../../lib/wire/bytes.ts";
import { exactly, inAnyOrder, oneOf, type Wanted } from "./wanted.ts";

type Part =
  | string
  | { readonly repeat: string; readonly times: number }
  | { readonly b64: string };
export type Data = string | readonly Part[];

export type FrameName = "text" | "binary" | "continuation";

interface Of {
  readonly conn: string;
}

export type Step =
  | { readonly sleep_ms: number }
  | Of & { readonly open: "tcp" | "unix" | "ws"; readonly origin?: string | null }
  | Of & {
    readonly send: Data;
    readonly frame?: FrameName;
    readonly fin?: boolean;
    readonly mask?: boolean;
  }
  | Of & { readonly frames: readonly Data[] }
  | Of & { readonly recv: Data; readonly frame?: FrameName; readonly join?: boolean }
  | Of & { readonly recv_unordered: readonly Data[] }
  | Of & { readonly recv_map: readonly string[] }
  | Of & { readonly recv_close: number }
  | Of & { readonly expect_silence_ms: number }
  | Of & { readonly expect_eof_ms: number }
  | Of & { readonly close: "fin" | "rst" | "half" | "ws" }
  | Of & { readonly poll: Data; readonly until: Data };

export interface Scenario {
  readonly name: string;
  readonly note: string;
  /** What the server is started with. */
  readonly flags: readonly string[];
  readonly steps: readonly Step[];
}

/** The default name of a connection. */
export type NameOf = (conn: string) => string;

/** What else a step may say, by the key that makes it one. */
const STEP_KEYS: Readonly<Record<string, readonly string[]>> = {
  sleep_ms: [],
  open: ["conn", "origin"],
  send: ["conn", "frame", "fin", "mask"],
  frames: ["conn"],
  recv: ["conn", "frame", "join"],
  recv_unordered: ["conn"],
  recv_map: ["conn"],
  recv_close: ["conn"],
  expect_silence_ms: ["conn"],
  expect_eof_ms: ["conn"],
  close: ["conn"],
  poll: ["conn", "until"],
};

/** Throws when a step says something that the player would ignore. */
export function readScenario(json: string): Scenario {
  const scenario: Scenario = JSON.parse(json);
  for (const step of scenario.steps) {
    const keys = Object.keys(step);
    const known = keys.flatMap((key) =>
      STEP_KEYS[key] === undefined ? [] : [key, ...STEP_KEYS[key]]
    );
    if (keys.some((key) => !known.includes(key))) {
      throw new Error(`${scenario.name} has an unknown step: ${JSON.stringify(step)}`);
    }
  }
  return scenario;
}

/** What is sent. */
export function sentText(data: Data): string {
  return partsOf(data).map(partText).join("");
}

/** What a `recv` expects. */
export function wantedOf(data: Data, nameOf: NameOf): Wanted {
  return oneOf(textsOf(data, nameOf));
}

/** What a `recv_unordered` expects. */
export function wantedInAnyOrder(blocks: readonly Data[], nameOf: NameOf): Wanted {
  return inAnyOrder(blocks.map((block) => onlyText(block, nameOf)));
}

/** What a `recv_map` expects: its items are recorded in the order of their keys. */
export function wantedMap(items: readonly string[], nameOf: NameOf): Wanted {
  return exactly(onlyText(`map[${items.join(" ")}]\n`, nameOf));
}

function onlyText(data: Data, nameOf: NameOf): string {
  const [text, ...others] = textsOf(data, nameOf);
  if (text !== undefined && others.length === 0) return text;
  throw new Error(`Alternatives cannot stand here: ${JSON.stringify(data)}`);
}

/** All that the data may stand for. */
function textsOf(data: Data, nameOf: NameOf): string[] {
  return combined(
    partsOf(data).flatMap((part) =>
      typeof part === "string" ? choicesIn(part, nameOf) : [[partText(part)]]
    ),
  );
}

/** The pieces of a text, each as all that it may stand for. */
function choicesIn(text: string, nameOf: NameOf): string[][] {
  // Splitting by a pattern with a group leaves what is in the braces at the odd places.
  return text.split(/\$\{([^}]*)\}/).map((piece, i) => {
    if (i % 2 === 0) return [partText(piece)];
    if (piece.startsWith("ADDR")) return [nameOf(piece.slice("ADDR".length))];
    if (piece.startsWith("ALT:")) return piece.slice("ALT:".length).split("|");
    throw new Error(`Nobody knows what \${${piece}} stands for`);
  });
}

/** All texts that come of taking one choice of each. */
function combined(choices: readonly string[][]): string[] {
  let texts = [""];
  for (const next of choices) texts = texts.flatMap((text) => next.map((choice) => text + choice));
  return texts;
}

function partsOf(data: Data): readonly Part[] {
  return typeof data === "string" ? [data] : data;
}

function partText(part: Part): string {
  if (typeof part === "string") return textOf(new TextEncoder().encode(part));
  if ("b64" in part) return atob(part.b64);
  return partText(part.repeat).repeat(part.times);
}
