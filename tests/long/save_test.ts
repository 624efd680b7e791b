/**
 * A server that is killed while it saves, 200 times: whatever the moment, the file is whole, and it
 * is either the one that was acknowledged last or the one that was on its way.
 */
import { log } from "../../lib/log.ts";
import { Conf } from "../../lib/wire/conf.ts";
import { readPools } from "../../lib/wire/looky_conf.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Peer } from "../support/peer.ts";
import { below, pick, seededRandom } from "../support/random.ts";
import { commandUnderTest, type ProgramServer, startProgram } from "../support/server.ts";

const KILLS = 200;
const POOLS = 15;
const RESOURCES = 20;
/** A kill comes after so many saves, the first of which are slower, */
const SAVES = [0, 1, 2, 5];
/** and somewhen in the one that follows, or the next. */
const WAIT_MS = 20;
/** More than a save takes. */
const LOOK_MS = 200;

const OK = "LOOKY/1.0 200 OK\r\n";

/**
 * The commands that turn the pools into one of three configurations, whichever they were before.
 * They differ in every pool, so that no mixture of two goes for a whole one.
 */
const TURNS: readonly (readonly string[])[] = [
  ["set-seed serial", "set-mode sticky", "set-latency 60", "set-resource common 1"],
  ["set-seed parallel", "set-mode queued-1000000", "set-latency 3600", "set-resource common 22"],
  ["set-seed minimal", "set-mode queued", "set-latency 86400", "set-resource common 333333"],
];

/** A file of a few hundred resources, with lines of all kinds between. */
function firstText(): string {
  const pools = Array.from({ length: POOLS }, (_, i) => `pool${i}`);
  const sections = pools.map((pool, i) => {
    const names = Array.from({ length: RESOURCES }, (_, j) => `10.0.${i}.${j}`);
    const quantities = names.map((name, j) => `pool.${pool}.resource.${name}.quantity:${1 + j}`);
    const list = `pool.${pool}.resource.list:${["common", ...names].join(",")}`;
    return [`# ${pool}`, list, ...quantities, ""].join("\n");
  });
  return [`pool.list:${pools.join(",")}`, "resource.coupled.list:common", ...sections].join("\n");
}

/** Asks for a configuration and for saving it, in one packet; resolves when all is answered by OK. */
async function turnTo(peer: Peer, turn: number): Promise<void> {
  const requests = [...TURNS[turn]!, "save"];
  await peer.send(requests.map((request) => `${request}\n`).join(""));
  await peer.receive(OK.repeat(requests.length));
}

/**
 * Most of a save is thinking. Looks, without letting anything else happen here, until the folder of
 * the file changes, for that is writing; and a while longer, since that takes a while.
 */
function lookFor(path: string, moreMs: number): void {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const look = () => Deno.statSync(folder).mtime!.getTime();
  const before = look();
  const untilMs = performance.now() + LOOK_MS;
  while (look() === before && performance.now() < untilMs);
  const thenMs = performance.now() + moreMs;
  while (performance.now() < thenMs);
}

/** The whole file of each configuration, saved in peace. */
async function wholeTexts(path: string, server: ProgramServer): Promise<string[]> {
  const peer = await Peer.connect(server.looky);
  for (const turn of TURNS.keys()) await turnTo(peer, turn);
  const texts = [];
  for (const turn of TURNS.keys()) {
    await turnTo(peer, turn);
    texts.push(Deno.readTextFileSync(path));
  }
  await peer.leave();
  return texts;
}

/** Saves one configuration after the other until the connection is gone. */
class Saver {
  /** Which one was acknowledged last. */
  acknowledged: number;
  /** Which one is on its way. */
  sent: number;
  saves = 0;
  readonly #peer: Peer;
  #wake: (() => void) | undefined;

  constructor(peer: Peer, begun: number) {
    this.#peer = peer;
    this.acknowledged = this.sent = begun;
  }

  /** Resolves when so many were acknowledged. */
  async until(saves: number): Promise<void> {
    while (this.saves < saves) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** Resolves when the server has ended; rejects when it said anything but OK before. */
  async run(): Promise<void> {
    try {
      for (;;) {
        this.sent = (this.acknowledged + 1) % TURNS.length;
        await turnTo(this.#peer, this.sent);
        this.acknowledged = this.sent;
        this.saves++;
        this.#wake?.();
      }
    } catch (error) {
      const isCut = OK.repeat(TURNS[0]!.length + 1).startsWith(this.#peer.arrived);
      if (this.#peer.end === undefined || !isCut) throw error;
    }
  }
}

Deno.test(`kill -9 during save, ${KILLS} times: the file is always one of the whole ones`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = seededRandom(seed);
  const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
  const path = `${folder}/looky.conf`;
  const start = () => startProgram(commandUnderTest(), ["-conf", path]);
  const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  /** Which draft was left, if any: the one of a kill before stays until a save begins to write. */
  const draft = () => {
    const name = names().find((name) => name !== "looky.conf");
    if (name === undefined) return undefined;
    const { ino, mtime } = Deno.statSync(`${folder}/${name}`);
    return `${ino} of ${mtime?.getTime()}`;
  };
  await Deno.writeTextFile(path, firstText());
  const texts = await (async () => {
    await using server = await start();
    return await wholeTexts(path, server);
  })();
  assertEquals(new Set(texts).size, TURNS.length);
  for (const text of texts) {
    const { pools } = readPools(new Conf(text)).outline;
    assertEquals(pools.flatMap(({ resources }) => resources).length, POOLS * (RESOURCES + 1));
  }
  let onDisk = texts.length - 1;
  const seen = { saves: 0, drafts: 0, kept: 0, replaced: 0 };
  for (let kill = 1; kill <= KILLS; kill++) {
    const message = `seed ${seed}, kill ${kill}`;
    const leftBefore = draft();
    await using server = await start();
    const peer = await Peer.connect(server.looky);
    const saver = new Saver(peer, onDisk);
    const ended = saver.run();
    await Promise.race([saver.until(pick(random, SAVES)), ended]);
    await new Promise((resolve) => setTimeout(resolve, below(random, WAIT_MS)));
    if (random() < 0.75) lookFor(path, pick(random, [0, 0, 0.5, 1, 2]));
    server.process.kill("SIGKILL");
    await Promise.all([server.process.status, ended]);
    await peer.close();
    onDisk = texts.indexOf(Deno.readTextFileSync(path));
    assert(onDisk >= 0, `${message}: the file is none of the whole ones`);
    assert(
      [saver.acknowledged, saver.sent].includes(onDisk),
      `${message}: ${saver.acknowledged} was acknowledged, ${saver.sent} sent, ${onDisk} is there`,
    );
    seen.saves += saver.saves;
    const left = draft();
    if (left !== undefined && left !== leftBefore) seen.drafts++;
    else if (onDisk === saver.acknowledged) seen.kept++;
    else seen.replaced++;
  }
  log.say(
    `${KILLS} kills after ${seen.saves} saves (seed ${seed}): ${seen.drafts} left a draft, ` +
      `${seen.replaced} came between the new file and its reply, ${seen.kept} before the draft`,
  );
  assert(seen.drafts + seen.replaced > KILLS / 20, "hardly any kill came while a file was written");
  await using server = await start();
  const peer = await Peer.connect(server.looky);
  await turnTo(peer, (onDisk + 1) % TURNS.length);
  await peer.leave();
  assertEquals(names(), ["looky.conf"]);
  await Deno.remove(folder, { recursive: true });
});
