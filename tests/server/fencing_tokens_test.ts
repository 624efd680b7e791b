/** Fencing tokens: they never go back, however often the server is started and whatever the disk does. */
import { log } from "../../lib/log.ts";
import {
  FencingTokens,
  StateError,
  TokenFile,
  type TokenMarks,
} from "../../lib/server/fencing_tokens.ts";
import { tokenOf as numberOf } from "../../lib/state/locks/store.ts";
import { readLine, valueOf } from "../../lib/wire/extended.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Folder, read } from "../support/folder.ts";
import { LineClient } from "../support/line_client.ts";
import { runToEnd } from "../support/program.ts";
import {
  commandUnderTest,
  freePlace,
  type Place,
  startInner,
  startProgram,
} from "../support/server.ts";

const NOW_MS = Date.UTC(2026, 10, 22);
const HOUR_MS = 3_600_000;

/** What is logged as an error meanwhile. */
function errorsOf(work: () => void): string[] {
  const { error } = log;
  const errors: string[] = [];
  log.error = (line) => void errors.push(line);
  try {
    work();
  } finally {
    log.error = error;
  }
  return errors;
}

/** Why a folder cannot be used. */
async function refusalOf(folder: string): Promise<string> {
  try {
    (await TokenFile.open(folder)).close();
  } catch (error) {
    if (error instanceof StateError) return error.message;
    throw error;
  }
  return "not refused";
}

function next(counter: FencingTokens): number {
  counter.next();
  return numberOf(counter);
}

/** Draws that many; the last one. */
function draw(counter: FencingTokens, count: number): number {
  let token = 0;
  for (let left = count; left > 0; left--) {
    const drawn = next(counter);
    if (drawn <= token) throw new Error(`${drawn} after ${token}`);
    token = drawn;
  }
  return token;
}

Deno.test("tokens begin at the time, and are whole numbers that can be added to", () => {
  const counter = new FencingTokens(NOW_MS);
  assertEquals([next(counter), next(counter)], [NOW_MS * 1024 + 1, NOW_MS * 1024 + 2]);
  assert(Number.isSafeInteger(next(new FencingTokens(Date.UTC(2200, 0)))));
});

Deno.test("without a folder a later start begins later", () => {
  const last = draw(new FencingTokens(NOW_MS), 1_000_000);
  assert(next(new FencingTokens(NOW_MS + 1000)) > last);
});

Deno.test("with a folder tokens rise also when the clock is set back", async () => {
  using folder = new Folder();
  let last = 0;
  for (const [start, startMs] of [NOW_MS, NOW_MS - HOUR_MS, 0, NOW_MS].entries()) {
    const marks = await TokenFile.open(folder.path);
    const counter = new FencingTokens(startMs, marks);
    for (let round = 0; round < 6; round++) {
      const first = next(counter);
      assert(first > last, `start ${start}`);
      last = draw(counter, 500_000);
      assert(last <= Number(read(`${folder.path}/fencing-token`)), `start ${start}`);
    }
    marks.close();
  }
  assertEquals(folder.names(), ["fencing-token", "lock"]);
});

Deno.test("no token is above the mark, and the disk is seldom asked", () => {
  const disk = { mark: 0, writes: 0 };
  const store: TokenMarks = {
    mark: 0,
    write: (mark) => {
      disk.mark = mark;
      disk.writes++;
    },
  };
  const counter = new FencingTokens(NOW_MS, store);
  for (let left = 3_000_000; left > 0; left--) {
    const token = next(counter);
    if (token > disk.mark) throw new Error(`${token}, mark ${disk.mark}`);
  }
  assert(disk.writes <= 4, `${disk.writes}`);
});

Deno.test("a folder that cannot be written is told of, and tokens go on", () => {
  const store: TokenMarks = {
    mark: 0,
    write: () => {
      throw new Error("the disk is full");
    },
  };
  const errors = errorsOf(() => void draw(new FencingTokens(NOW_MS, store), 3_500_000));
  assertEquals(errors.length, 4, errors.join("\n"));
  for (const error of errors) assertStringIncludes(error, "the disk is full");
});

for (
  const [title, text] of [
    ["nothing", ""],
    ["an empty line", "\n"],
    ["words", "hello\n"],
    ["a number and more", "12 13\n"],
    ["a negative number", "-1\n"],
    ["what cannot be counted on from", "9999999999999999\n"],
    ["bytes", "\xff\xfe\x00"],
  ] as const
) {
  Deno.test(`a mark file with ${title} is refused, and told what to put there`, async () => {
    using folder = new Folder();
    const path = folder.put("fencing-token", text);
    const message = await refusalOf(folder.path);
    assertEquals(
      message,
      `Cannot use the folder ${folder.path} (-state): ` +
        `${path} holds no token; put the greatest there that was seen`,
    );
    assertEquals(read(path), text);
    folder.put("fencing-token", "1234");
    const marks = await TokenFile.open(folder.path); // the refusal has left it to others
    assertEquals(marks.mark, 1234);
    marks.close();
  });
}

Deno.test("what is no folder is refused", async () => {
  using folder = new Folder();
  const path = folder.put("file", "");
  const message = await refusalOf(path);
  assertStringIncludes(message, `Cannot use the folder ${path} (-state): `);
});

Deno.test("a folder is one server's; when it has ended, another's", async () => {
  using folder = new Folder();
  const first = await TokenFile.open(folder.path);
  const message = await refusalOf(folder.path);
  assertStringIncludes(message, "another server uses it; give each its own");
  new FencingTokens(NOW_MS, first);
  first.close();
  const second = await TokenFile.open(folder.path);
  assert(second.mark > NOW_MS * 1024);
  second.close();
});

/** A token from a server. */
async function tokenOf(place: Place, name: string): Promise<number> {
  using client = await LineClient.dial(place);
  assertMatch(await client.ask("hello"), /^1 hello /);
  const line = readLine(await client.ask(`acquire ${name}`))!;
  return Number(valueOf(line, "token"));
}

Deno.test("servers in a row on one folder: tokens rise although their clocks do not", async () => {
  using folder = new Folder();
  let last = 0;
  for (let start = 0; start < 3; start++) {
    await using server = await startInner([`-state=${folder.path}/made/here`]);
    for (const name of ["a", "b"]) {
      const token = await tokenOf(server.tcp, name);
      assert(token > last, `start ${start}`);
      last = token;
    }
  }
});

Deno.test("a program is refused the folder of another, with status 5", async () => {
  using folder = new Folder();
  await using _server = await startInner([`-state=${folder.path}`]);
  const flags = [`-port=${freePlace().port}`, "-ws=0", `-state=${folder.path}`];
  const { code, stderr } = await runToEnd(flags, folder.path);
  assertEquals(code, 5, stderr);
  assertStringIncludes(stderr, "another server uses it; give each its own");
});

Deno.test("a program that is killed: tokens rise, with a folder and without", async () => {
  using folder = new Folder();
  for (const flags of [[`-state=${folder.path}`], []]) {
    let last = 0;
    for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"] as const) {
      await using server = await startProgram(commandUnderTest(), flags);
      for (const name of ["a", "b", "c"]) {
        const token = await tokenOf(server.tcp, name);
        assert(token > last, `${flags}`);
        last = token;
      }
      server.process.kill(signal);
      await server.process.status;
    }
  }
});
