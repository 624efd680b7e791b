/** `save` in a whole server: the file and `dirty`, with failures of every kind. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";
import { readHead } from "../../lib/wire/looky.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { type InnerServer, startInner } from "../support/server.ts";
import { type TransportClient, TRANSPORTS } from "../support/transport_clients.ts";

const TEXT = `# Pools of two kinds.
pool.list:sales,admin

pool.sales.resource.list:r1,r2
pool.sales.resource.r1.quantity:300
# Admins have little.
pool.admin.resource.list:r1
pool.admin.latency-time:5h
`;

/** A server with a file, and one client. */
class Fixture implements AsyncDisposable {
  #server: InnerServer;
  #client: TransportClient;

  private constructor(
    /** The folder of the file, which contains nothing else. */
    readonly folder: string,
    readonly path: string,
    server: InnerServer,
    client: TransportClient,
  ) {
    this.#server = server;
    this.#client = client;
  }

  /** @param name of the folder of the file. */
  static async start(text = TEXT, name = "conf"): Promise<Fixture> {
    const root = await Deno.makeTempDir({ prefix: "holdfast-" });
    const folder = `${root}/${name}`;
    const path = `${folder}/looky.conf`;
    await Deno.mkdir(folder);
    await Deno.writeFile(path, bytesOf(text));
    const server = await startInner(["-conf", path]);
    return new Fixture(folder, path, server, await TRANSPORTS.memory(server, "looky"));
  }

  /** Stops the server, and starts another that reads the file. */
  async restart(): Promise<void> {
    await this.#client.close();
    await this.#server[Symbol.asyncDispose]();
    this.#server = await startInner(["-conf", this.path]);
    this.#client = await this.client();
  }

  /** Connects another client. */
  async client(): Promise<TransportClient> {
    return await TRANSPORTS.memory(this.#server, "looky");
  }

  /** Sends a request with a reply of one line, and returns its code. */
  async ask(...requests: string[]): Promise<number[]> {
    const codes = [];
    for (const request of requests) codes.push((await reply(this.#client, request)).code);
    return codes;
  }

  /** Returns the message of an ERR reply. */
  async refusal(request: string): Promise<{ code: number; message: string }> {
    return await reply(this.#client, request);
  }

  /** Returns the lines of a long reply. */
  async lines(request: string): Promise<string[]> {
    await this.#client.send(request);
    assertEquals(readHead(await this.#client.receive())?.code, 201);
    const lines = [];
    for (let line; (line = await this.#client.receive()) !== "";) lines.push(line);
    return lines;
  }

  async dirty(): Promise<number> {
    const [, dirty] = /dirty = ([01])/.exec((await this.lines("status")).join("\n")) ?? [];
    return Number(dirty);
  }

  /** Returns the content of the file. */
  text(): string {
    return textOf(Deno.readFileSync(this.path));
  }

  /** Returns the names in the folder. */
  names(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await this.#server[Symbol.asyncDispose]();
    await Deno.remove(this.folder.slice(0, this.folder.lastIndexOf("/")), { recursive: true });
  }
}

async function reply(
  client: TransportClient,
  request: string,
): Promise<{ code: number; message: string }> {
  await client.send(request);
  const line = await client.receive();
  const head = readHead(line);
  assert(head !== undefined && head.isOk === (head.code < 400), line);
  return { code: head.code, message: head.parameters.get("message") ?? "" };
}

Deno.test("save writes the changes, and the next server starts with them", async () => {
  await using fixture = await Fixture.start(`${TEXT}color: red\n`);
  assertEquals(await fixture.dirty(), 0);
  const changes = [
    "set-resource sales r1 7",
    "set-resource admin new.one 8",
    "set-resource both 9",
    "couple both",
    "drop-resource sales r2",
    "set-mode sales queued-3",
    "set-seed serial",
    "set-latency admin 90",
    "add-pool dev",
    "set-resource dev r1 1",
  ];
  assertEquals(await fixture.ask(...changes), changes.map(() => 200));
  assertEquals(await fixture.dirty(), 1);
  assertEquals(fixture.text(), `${TEXT}color: red\n`);
  assertEquals(await fixture.ask("save"), [200]);
  assertEquals(await fixture.dirty(), 0);
  const shown = [...await fixture.lines("print-pool"), ...await fixture.lines("list-resource")];
  for (const line of ["# Pools of two kinds.", "color: red", "", "# Admins have little."]) {
    assert(fixture.text().split("\n").includes(line), line);
  }
  await fixture.restart();
  assertEquals(
    [...await fixture.lines("print-pool"), ...await fixture.lines("list-resource")],
    shown,
  );
  assertEquals(await fixture.dirty(), 0);
  assertEquals(fixture.names(), ["looky.conf"]);
});

Deno.test("every change that save writes sets dirty, and save clears it", async () => {
  await using fixture = await Fixture.start();
  const changes = [
    "set-resource sales r1 7",
    "set-resource sales r3 7",
    "set-resource r1 8",
    "couple r1",
    "decouple r1",
    "drop-resource sales r3",
    "drop-resource r2",
    "set-seed sales serial",
    "set-seed minimal",
    "set-mode sales queued",
    "set-mode queued-9",
    "add-pool dev",
    "set-latency dev 10",
    "set-latency 11",
    "drop-pool dev",
  ];
  for (const change of changes) {
    assertEquals(await fixture.ask(change), [200]);
    assertEquals(await fixture.dirty(), 1, change);
    const before = fixture.text();
    assertEquals(await fixture.ask("save"), [200]);
    assertEquals(await fixture.dirty(), 0, change);
    assert(fixture.text() !== before, change);
  }
});

Deno.test("changes that save does not write, and commands that change nothing, do not set dirty", async () => {
  await using fixture = await Fixture.start();
  const others = [
    "consume sales ada",
    "release sales ada",
    "set-ratio r1 1.5",
    "set-used sales r1 3",
    "freeze sales r1",
    "master",
    "lock r2",
    "unlock r2",
    "set-resource sales r1 300",
    "set-resource sales r1 0",
    "set-mode sticky",
    "set-seed weighted",
    "set-latency sales 3600",
    "decouple r1",
    "free 0",
    "clear",
  ];
  assertEquals(await fixture.ask(...others), others.map(() => 200));
  assertEquals(await fixture.ask("add-pool sales", "drop-pool none"), [409, 404]);
  assertEquals(await fixture.dirty(), 0);
  await fixture.ask("set-seed serial");
  assertEquals(
    await fixture.ask(...others.filter((other) => other !== "master")).then(Array.from),
    [
      ...others.slice(1).map(() => 200),
    ],
  );
  assertEquals(await fixture.dirty(), 1);
});

Deno.test("save does not write sessions, ratios, offsets, freezes and locks", async () => {
  await using fixture = await Fixture.start();
  const runTime = [
    "consume sales ada",
    "set-ratio sales r1 1.5",
    "set-used sales r2 3",
    "freeze sales r1",
    "master",
    "lock admin r1",
    "set-resource sales r1 301",
  ];
  assertEquals(await fixture.ask(...runTime, "save"), [...runTime, "save"].map(() => 200));
  assertEquals(fixture.text(), TEXT.replace("r1.quantity:300", "r1.quantity:301"));
});

Deno.test("save without changes is OK and leaves the file alone", async () => {
  await using fixture = await Fixture.start();
  assertEquals(await fixture.ask("save", "save"), [200, 200]);
  assertEquals(fixture.text(), TEXT);
  await fixture.ask("set-seed sales serial", "save", "set-seed sales weighted", "save");
  const before = await Deno.stat(fixture.path);
  assertEquals(await fixture.ask("save"), [200]);
  assertEquals((await Deno.stat(fixture.path)).ino, before.ino);
});

Deno.test("save without a file is ERR 409, and dirty works as usual", async () => {
  await using server = await startInner();
  const client = await TRANSPORTS.memory(server, "looky");
  assertEquals((await reply(client, "add-pool p")).code, 200);
  const { code, message } = await reply(client, "save");
  assertEquals(code, 409);
  assertStringIncludes(message, "-conf");
  await client.send("!status");
  await client.receive();
  assertEquals(JSON.parse(await client.receive()).status.dirty, 1);
  await client.close();
});

Deno.test("save is ERR 409 while there are names that a file cannot contain, and the file stays", async () => {
  const cases: [make: string[], name: string, unmake: string][] = [
    [["add-pool a,b"], "a,b", "drop-pool a,b"],
    [["set-resource sales r,s 5"], "r,s", "drop-resource r,s"],
    [["set-resource sales 10.0.0.1:80 5"], "10.0.0.1:80", "drop-resource 10.0.0.1:80"],
    [["add-pool a:b", "set-resource a:b r 5"], "a:b", "drop-pool a:b"],
    [["add-pool a:b", "set-seed a:b serial"], "a:b", "drop-pool a:b"],
    [["add-pool a:b", "set-latency a:b 5"], "a:b", "drop-pool a:b"],
  ];
  for (const [make, name, unmake] of cases) {
    await using fixture = await Fixture.start();
    assertEquals(await fixture.ask("set-seed sales serial", ...make), [
      200,
      ...make.map(() => 200),
    ]);
    const { code, message } = await fixture.refusal("save");
    assertEquals(code, 409, `${make.join("; ")}: ${message}`);
    assertStringIncludes(message, name);
    assertEquals([fixture.text(), await fixture.dirty()], [TEXT, 1]);
    assertEquals(await fixture.ask(unmake, "save"), [200, 200]);
    assertEquals(await fixture.dirty(), 0);
    assertStringIncludes(fixture.text(), "pool.sales.seed-method:serial\n");
    assertEquals(fixture.names(), ["looky.conf"]);
  }
});

Deno.test("save writes a pool even if the file has other keys of its name", async () => {
  const waiting = [
    "pool.dev.resource.list:r1",
    "pool.dev.seed-method:dice",
    "pool.sales.resource.r9.quantity:many",
  ];
  for (const line of waiting) {
    await using fixture = await Fixture.start(`${TEXT}${line}\n`);
    assertEquals(await fixture.ask("add-pool dev", "set-resource sales r9 100"), [200, 200]);
    const { code, message } = await fixture.refusal("save");
    assertEquals(code, 200, `${line}: ${message}`);
    const shown = await fixture.lines("print-pool");
    await fixture.restart();
    assertEquals(await fixture.lines("print-pool"), shown);
  }
});

Deno.test("save does not overwrite a file that another program changed: ERR 409 until it is moved", async () => {
  await using fixture = await Fixture.start();
  await fixture.ask("set-seed sales serial", "save", "set-seed sales minimal");
  const theirs = `${fixture.text()}# mine\n`;
  Deno.writeTextFileSync(fixture.path, theirs);
  const { code, message } = await fixture.refusal("save");
  assertEquals(code, 409);
  assertStringIncludes(message, fixture.path);
  assertEquals([fixture.text(), await fixture.dirty()], [theirs, 1]);
  assertEquals(await fixture.ask("save"), [409]);
  await Deno.rename(fixture.path, `${fixture.path}.theirs`);
  assertEquals(await fixture.ask("save"), [200]);
  assertMatch(fixture.text(), /^pool\.sales\.seed-method:minimal$/m);
  assertEquals([await fixture.dirty(), fixture.names().length], [0, 2]);
});

Deno.test("save is ERR 500 when writing fails, keeps dirty, and works again later", async () => {
  await using fixture = await Fixture.start();
  await fixture.ask("set-seed sales serial");
  await Deno.remove(fixture.folder, { recursive: true });
  const { code, message } = await fixture.refusal("save");
  assertEquals(code, 500);
  assert(message !== "");
  assertEquals(await fixture.dirty(), 1);
  assertEquals(await fixture.ask("save", "set-seed sales minimal", "save"), [500, 200, 500]);
  await Deno.mkdir(fixture.folder);
  assertEquals(await fixture.ask("save"), [200]);
  assertEquals(await fixture.dirty(), 0);
  assertMatch(fixture.text(), /^pool\.sales\.seed-method:minimal$/m);
  assertStringIncludes(fixture.text(), "# Admins have little.");
});

Deno.test("save is ERR 500 when a folder has replaced the file, and the folder stays", async () => {
  await using fixture = await Fixture.start();
  await fixture.ask("set-seed sales serial");
  await Deno.remove(fixture.path);
  await Deno.mkdir(fixture.path);
  assertEquals(await fixture.ask("save"), [500]);
  assertEquals([await fixture.dirty(), fixture.names()], [1, ["looky.conf"]]);
});

/** Folder names beyond one character a byte; U+010A would end a line if it were truncated to a byte. */
for (const name of ["пулы", "\u010a", "\u{1f512}"]) {
  Deno.test(`an error of save in a folder ${JSON.stringify(name)} is one line of UTF-8`, async () => {
    await using fixture = await Fixture.start(TEXT, name);
    await fixture.ask("set-seed sales serial");
    Deno.writeTextFileSync(fixture.path, "# another's\n");
    const shown = async () => {
      const { code, message } = await fixture.refusal("save");
      const bytes = bytesOf(message);
      return [code, new TextDecoder("utf-8", { fatal: true }).decode(bytes)] as const;
    };
    const [changed, message] = await shown();
    assertEquals(changed, 409);
    assertStringIncludes(message, fixture.path);
    await Deno.remove(fixture.folder, { recursive: true });
    const [failed] = await shown();
    assertEquals(failed, 500);
    assertEquals(await fixture.dirty(), 1, "what follows is the reply to the next request");
  });
}

Deno.test("concurrent saves are all answered, and the last one wins", async () => {
  await using fixture = await Fixture.start();
  const clients = await Promise.all(Array.from({ length: 10 }, () => fixture.client()));
  for (let round = 1; round <= 5; round++) {
    const replies = clients.map(async (client, i) => {
      const change = await reply(client, `set-resource sales c${i} ${round}`);
      const saved = await reply(client, "save");
      return [change.code, saved.code];
    });
    assertEquals(await Promise.all(replies), clients.map(() => [200, 200]));
    assertEquals(await fixture.dirty(), 0);
    assertEquals(fixture.names(), ["looky.conf"]);
    for (const i of clients.keys()) {
      assertMatch(
        fixture.text(),
        new RegExp(`^pool\\.sales\\.resource\\.c${i}\\.quantity:${round}$`, "m"),
      );
    }
  }
  const shown = await fixture.lines("print-pool");
  for (const client of clients) assertEquals(await client.close(), []);
  await fixture.restart();
  assertEquals(await fixture.lines("print-pool"), shown);
});

Deno.test("a save runs even if the concurrent one before it fails", async () => {
  await using fixture = await Fixture.start();
  const clients = await Promise.all([fixture.client(), fixture.client(), fixture.client()]);
  await fixture.ask("set-seed sales serial");
  await Deno.remove(fixture.folder, { recursive: true });
  const codes = async () =>
    (await Promise.all(clients.map((client) => reply(client, "save")))).map(({ code }) => code);
  assertEquals(await codes(), [500, 500, 500]);
  await Deno.mkdir(fixture.folder);
  assertEquals(await codes(), [200, 200, 200]);
  assertEquals(await fixture.dirty(), 0);
  for (const client of clients) await client.close();
});

/** Yields to the event loop `count` times. */
async function yieldTimes(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a change during a save is not lost: dirty stays until the next save", async () => {
  await using fixture = await Fixture.start();
  const saver = await fixture.client();
  const outcomes = { saved: 0, dirty: 0 };
  for (let round = 1; round <= 40; round++) {
    await fixture.ask(`set-resource sales r1 ${round}`);
    const saving = reply(saver, "save");
    await yieldTimes(round % 4);
    assertEquals(await fixture.ask(`set-resource sales r2 ${round}`), [200]);
    assertEquals((await saving).code, 200);
    const isIn = (line: string) => fixture.text().split("\n").includes(line);
    assert(isIn(`pool.sales.resource.r1.quantity:${round}`), `round ${round}`);
    const dirty = await fixture.dirty();
    assertEquals(dirty, isIn(`pool.sales.resource.r2.quantity:${round}`) ? 0 : 1, `round ${round}`);
    outcomes[dirty === 1 ? "dirty" : "saved"]++;
    assertEquals(await fixture.ask("save"), [200]);
    assert(isIn(`pool.sales.resource.r2.quantity:${round}`), `round ${round}`);
    assertEquals(await fixture.dirty(), 0);
  }
  assert(outcomes.dirty > 0, "no change came while the file was written");
  await saver.close();
});

Deno.test("other clients are served while the file is written", async () => {
  await using fixture = await Fixture.start();
  const saver = await fixture.client();
  await fixture.ask("set-seed sales serial");
  const { open } = Deno;
  const gate = Promise.withResolvers<void>();
  try {
    Deno.open = async (path, options) => {
      await gate.promise;
      return await open(path, options);
    };
    const saving = reply(saver, "save");
    assertEquals(await fixture.ask("consume sales ada", "set-seed sales minimal"), [200, 200]);
    gate.resolve();
    assertEquals((await saving).code, 200);
  } finally {
    Deno.open = open;
  }
  await saver.close();
});
