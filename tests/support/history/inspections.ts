/** What looks tell: `i`, `si`, `describe`, `list`. */
import { readLine, valueOf } from "../../../lib/wire/extended.ts";
import { about, type Claim, expect } from "./claim.ts";
import { lifeOf, type Op } from "./types.ts";
import type { Holding, World } from "./world.ts";

/** @param phrase what came after the number. */
export function inspected(op: Op, phrase: string): Claim {
  expect(phrase, ["Is Locked", "Not Locked"]);
  const text = op.got!.text;
  if (op.verb === "si") {
    return about(op, (world) => {
      const { length } = world.lock(op.names[0]!).shared;
      return Number(text.split(" ")[0]) === length ? undefined : `${length} held it`;
    });
  }
  return about(op, (world) => {
    const { exclusive } = world.lock(op.names[0]!);
    if (phrase === "Not Locked") return exclusive === undefined ? undefined : "it was locked";
    if (exclusive === undefined) return "it was free";
    const isOwn = exclusive.life === op.life;
    return text.endsWith("\r") === !isOwn ? undefined : `it was ${exclusive.life}'s`;
  });
}

/** The tokens of the holders and the names of those who wait, as one text to compare. */
interface Described {
  readonly name: string;
  readonly holders: readonly { readonly token: number; readonly mode: string }[];
  readonly queue: readonly { readonly name: string }[];
}

function denyDescription(world: World, told: Described): string | undefined {
  const { holdings, queue } = world.lock(told.name);
  const tokens = (list: readonly { token: number; mode: string }[]): string =>
    list.map(({ token, mode }) => `${mode} ${token}`).sort().join();
  if (tokens(holdings) !== tokens(told.holders)) return `it was held by ${tokens(holdings)}`;
  const waiting = queue.map(({ op: { life } }) => life).join();
  const isSo = told.queue.map(({ name }) => lifeOf(name)).join() === waiting;
  return isSo ? undefined : `there waited ${waiting || "nobody"}`;
}

export function described(op: Op): Claim {
  const json = valueOf(readLine(op.got!.text)!, "json");
  const nothing: Described = { name: op.names[0]!, holders: [], queue: [] };
  const told: Described = json === undefined ? nothing : JSON.parse(json);
  return about(op, (world) => denyDescription(world, told));
}

/** A listing is read as it goes: each of its locks tells of some moment, and none is left out. */
export function listed(op: Op): Claim[] {
  const told: Described[] = JSON.parse(valueOf(readLine(op.got!.text)!, "json") ?? "[]");
  const claims = told.map((one): Claim => ({
    op,
    names: [one.name],
    denial: (world) => {
      const denied = denyDescription(world, one);
      return denied && `${one.name}: ${denied}`;
    },
  }));
  return [...claims, { op, names: "all", denial: denyMissing(op, told) }];
}

/** What somebody held from beginning to end must have been told. */
function denyMissing(op: Op, told: readonly Described[]): Claim["denial"] {
  const names = new Set(told.map(({ name }) => name));
  const prefix = op.names[0] ?? "";
  let missing: Holding[] | undefined;
  return ({ locks }) => {
    missing ??= [...locks.values()]
      .filter(({ name }) => name.startsWith(prefix) && !names.has(name))
      .flatMap(({ holdings }) => holdings);
    missing = missing.filter((holding) => locks.get(holding.name)?.holdings.includes(holding));
    const [first] = missing;
    return first && `${first.name} was held by ${first.life} all the time`;
  };
}
