/**
 * A server is killed 200 times while it saves. The file is always complete, and it is either the
 * one that was last acknowledged or the one that was being saved.
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
/** A kill comes after this number of saves; the first ones are slower, */
const SAVES = [0, 1, 2, 5];
/** and at a random time within the next one or two. */
const WAIT_MS = 20;
/** Longer than a save takes. */
const SPIN_MS = 200;

const OK = "LOOKY/1.0 200 OK\r\n";

/**
 * The commands that set the pools to one of three configurations, whatever they were before. The
 * configurations differ in every pool, so a mixture of two is not mistaken for a complete one.
 */
const CONFIGURATIONS: readonly (readonly string[])[] = [
  ["set-seed serial", "set-mode sticky", "set-latency 60", "set-resource common 1"],
  ["set-seed parallel", "set-mode queued-1000000", "set-latency 3600", "set-resource common 22"],
  ["set-seed minimal", "set-mode queued", "set-latency 86400", "set-resource common 333333"],
];

/** Returns a file of a few hundred resources, with lines of other kinds between. */
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

/** Sets and saves a configuration in one packet; resolves when every reply is OK. */
async function saveConfiguration(peer: Peer, index: number): Promise<void> {
  const requests = [...CONFIGURATIONS[index]!, "save"];
  await peer.send(requests.map((request) => `${request}\n`).join(""));
  await peer.receive(OK.repeat(requests.length));
}

/**
 * Blocks until the folder of the file changes, because most of a save is computation and only the
 * write changes the folder; then for `extraMs`, because the write takes time.
 */
function spinUntilWrite(path: string, extraMs: number): void {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const folderMs = () => Deno.statSync(folder).mtime!.getTime();
  const before = folderMs();
  const untilMs = performance.now() + SPIN_MS;
  while (folderMs() === before && performance.now() < untilMs);
  const endMs = performance.now() + extraMs;
  while (performance.now() < endMs);
}

/** Returns the complete file of each configuration, saved without a kill. */
async function savedTexts(path: string, server: ProgramServer): Promise<string[]> {
  const peer = await Peer.connect(server.looky);
  for (const index of CONFIGURATIONS.keys()) await saveConfiguration(peer, index);
  const texts = [];
  for (const index of CONFIGURATIONS.keys()) {
    await saveConfiguration(peer, index);
    texts.push(Deno.readTextFileSync(path));
  }
  await peer.leave();
  return texts;
}

/** Saves one configuration after the other until the connection ends. */
class Saver {
  /** The index of the last acknowledged configuration. */
  acknowledged: number;
  /** The index of the configuration that is being saved. */
  sent: number;
  saves = 0;
  readonly #peer: Peer;
  #wake: (() => void) | undefined;

  constructor(peer: Peer, onDisk: number) {
    this.#peer = peer;
    this.acknowledged = this.sent = onDisk;
  }

  /** Resolves when that number of saves is acknowledged. */
  async until(saves: number): Promise<void> {
    while (this.saves < saves) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** Resolves when the server has ended; rejects if it sent anything but OK before. */
  async run(): Promise<void> {
    try {
      for (;;) {
        this.sent = (this.acknowledged + 1) % CONFIGURATIONS.length;
        await saveConfiguration(this.#peer, this.sent);
        this.acknowledged = this.sent;
        this.saves++;
        this.#wake?.();
      }
    } catch (error) {
      const isCut = OK.repeat(CONFIGURATIONS[0]!.length + 1).startsWith(this.#peer.received);
      if (this.#peer.end === undefined || !isCut) throw error;
    }
  }
}

Deno.test(`the file is complete after each of ${KILLS} kills during a save`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = seededRandom(seed);
  const folder = await Deno.makeTempDir({ prefix: "holdfast-" });
  const path = `${folder}/looky.conf`;
  const start = () => startProgram(commandUnderTest(), ["-conf", path]);
  const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  /**
   * Identifies the temporary file, if any. That of an earlier kill stays until a save begins to
   * write.
   */
  const temporaryFile = () => {
    const name = names().find((name) => name !== "looky.conf");
    if (name === undefined) return undefined;
    const { ino, mtime } = Deno.statSync(`${folder}/${name}`);
    return `${ino} of ${mtime?.getTime()}`;
  };
  await Deno.writeTextFile(path, firstText());
  const texts = await (async () => {
    await using server = await start();
    return await savedTexts(path, server);
  })();
  assertEquals(new Set(texts).size, CONFIGURATIONS.length);
  for (const text of texts) {
    const { pools } = readPools(new Conf(text)).configuration;
    assertEquals(pools.flatMap(({ resources }) => resources).length, POOLS * (RESOURCES + 1));
  }
  let onDisk = texts.length - 1;
  const seen = { saves: 0, temporary: 0, kept: 0, replaced: 0 };
  for (let kill = 1; kill <= KILLS; kill++) {
    const message = `seed ${seed}, kill ${kill}`;
    const fileBefore = temporaryFile();
    await using server = await start();
    const peer = await Peer.connect(server.looky);
    const saver = new Saver(peer, onDisk);
    const ended = saver.run();
    await Promise.race([saver.until(pick(random, SAVES)), ended]);
    await new Promise((resolve) => setTimeout(resolve, below(random, WAIT_MS)));
    if (random() < 0.75) spinUntilWrite(path, pick(random, [0, 0, 0.5, 1, 2]));
    server.process.kill("SIGKILL");
    await Promise.all([server.process.status, ended]);
    await peer.close();
    onDisk = texts.indexOf(Deno.readTextFileSync(path));
    assert(onDisk >= 0, `${message}: the file is not one of the complete ones`);
    assert(
      [saver.acknowledged, saver.sent].includes(onDisk),
      `${message}: acknowledged ${saver.acknowledged}, sent ${saver.sent}, found ${onDisk}`,
    );
    seen.saves += saver.saves;
    const left = temporaryFile();
    if (left !== undefined && left !== fileBefore) seen.temporary++;
    else if (onDisk === saver.acknowledged) seen.kept++;
    else seen.replaced++;
  }
  log.info(
    `${KILLS} kills after ${seen.saves} saves (seed ${seed}): ${seen.temporary} left a ` +
      `temporary file, ${seen.replaced} came between the rename and the reply, ${seen.kept} before the write`,
  );
  assert(
    seen.temporary + seen.replaced > KILLS / 20,
    "too few kills came while a file was written",
  );
  await using server = await start();
  const peer = await Peer.connect(server.looky);
  await saveConfiguration(peer, (onDisk + 1) % CONFIGURATIONS.length);
  await peer.leave();
  assertEquals(names(), ["looky.conf"]);
  await Deno.remove(folder, { recursive: true });
});
