/** What refusals say is in the way: holders, queues, circles. */
import { listOf, readLine, valueOf } from "../../../lib/wire/extended.ts";
import type { Claim } from "./claim.ts";
import { BLUR_MS } from "./margins.ts";
import { modeOf } from "./pairing.ts";
import { lifeOf, type Op } from "./types.ts";
import type { Holding } from "./world.ts";

/** Taken or queued for, by whom it says, and so many wait. A timeout says the same. */
export function busy(op: Op): Claim["denial"] {
  const line = readLine(op.got!.text)!;
  const told = valueOf(line, "name");
  return (world) => {
    const unfree = op.names.find((name) =>
      world.isKept(op, name) || world.ahead(op, name).length > 0
    );
    if (unfree === undefined) return line.word === "busy" ? "all was free" : undefined;
    if (op.names.length > 1 && told !== unfree) return `${unfree} was not free`;
    const lock = world.lock(unfree);
    if (Number(valueOf(line, "queue")) !== lock.queue.length) return `${lock.queue.length} waited`;
    const holdings = lock.holdings.filter(({ life }) => life !== op.life);
    const holder = valueOf(line, "holder");
    if (holder === undefined) {
      return world.isKept(op, unfree) ? "somebody held it" : undefined;
    }
    const since = Number(valueOf(line, "since"));
    const why = valueOf(line, "why");
    // It may have been said anew, and nobody knows when. The old words have none.
    const isWhy = why === undefined || world.ops[Number(why.slice(1))]?.names.includes(unfree);
    const isIt = ({ life, formerLives, since: its }: Holding): boolean =>
      [life, ...formerLives].includes(lifeOf(holder)) && Math.abs(since - its) <= BLUR_MS;
    const blockers = lock.blockers(op.life, modeOf(op), op.options.max);
    const those = blockers.length > 0 ? blockers : holdings; // those in the way, if any are
    if (isWhy && those.some(isIt)) return undefined;
    return `it was held by ${
      those.map(({ life, since }) => `${life} since ${since}`).join(", ") || "nobody"
    }`;
  };
}

/** Each of the cycle waits for the next one, and the last one for the first. */
export function deadlock(op: Op): Claim["denial"] {
  const cycle = listOf(readLine(op.got!.text)!, "cycle").map(lifeOf);
  return (world) => {
    if (cycle[0] !== op.life || cycle.length < 2) return "the cycle must begin with who is refused";
    for (const [i, life] of cycle.entries()) {
      const waits = i === 0 ? op : world.waiting.get(life)?.op;
      if (waits === undefined) return `${life} did not wait`;
      const next = cycle[(i + 1) % cycle.length]!;
      if (world.waitsFor(waits, false).has(next)) continue;
      // Whoever would stand behind the refused one would wait for it.
      const places = world.waiting.get(life)?.places;
      const isBehind = next === op.life &&
        op.names.some((name) => world.priorityOf(op, name) > (places?.get(name) ?? Infinity));
      if (!isBehind) return `${life} did not wait for ${next}`;
    }
    return undefined;
  };
}
