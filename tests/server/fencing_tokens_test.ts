/** Fencing tokens never go back, however often the server restarts and whatever the disk does. */
import { log } from "../../lib/log.ts";
import {
  FencingTokens,
  StateError,
  TokenFile,
  type TokenMarks,
} from "../../lib/server/fencing_tokens.ts";
import { tokenOf as numberOf } from "../../lib/state/locks/model.ts";
import { readLine, valueOf } from "../../lib/wire/extended.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Folder, read } from "../support/folder.ts";
import { LineClient } from "../support/line_client.ts";
import { runToEnd } from "../support/program.ts";
import {
  type Address,
  commandUnderTest,
  freeAddress,
  startInner,
  startProgram,
} from "../support/server.ts";

const NOW_MS = Date.UTC(2026, 10, 22);
const HOUR_MS = 3_600_000;

/** Returns the errors that are logged meanwhile. */
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

/** Returns the reason why a folder cannot be used. */
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

/** Takes `count` tokens and returns the last. */
function draw(counter: FencingTokens, count: number): number {
  let token = 0;
  for (let left = count; left > 0; left--) {
    const drawn = next(counter);
    if (drawn <= token) throw new Error(`${drawn} after ${token}`);
    token = drawn;
  }
  return token;
}

Deno.test("tokens start at the time and are exact integers", () => {
  const counter = new FencingTokens(NOW_MS);
  assertEquals([next(counter), next(counter)], [NOW_MS * 1024 + 1, NOW_MS * 1024 + 2]);
  assert(Number.isSafeInteger(next(new FencingTokens(Date.UTC(2200, 0)))));
});

Deno.test("without a folder, a later start begins with a higher token", () => {
  const last = draw(new FencingTokens(NOW_MS), 1_000_000);
  assert(next(new FencingTokens(NOW_MS + 1000)) > last);
});

Deno.test("with a folder, tokens rise even when the clock is set back", async () => {
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

Deno.test("no token is above the mark, and the mark is written once a block", () => {
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

Deno.test("a mark that cannot be written is logged, and grants continue", () => {
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
  Deno.test(`a mark file with ${title} is refused, with advice what to write there`, async () => {
    using folder = new Folder();
    const path = folder.put("fencing-token", text);
    const message = await refusalOf(folder.path);
    assertEquals(
      message,
      `Cannot use the folder ${folder.path} (-state): ` +
        `${path} does not contain a token; write the largest token ever issued into it`,
    );
    assertEquals(read(path), text);
    folder.put("fencing-token", "1234");
    const marks = await TokenFile.open(folder.path); // the refusal has left it to others
    assertEquals(marks.mark, 1234);
    marks.close();
  });
}

Deno.test("a path that is not a folder is refused", async () => {
  using folder = new Folder();
  const path = folder.put("file", "");
  const message = await refusalOf(path);
  assertStringIncludes(message, `Cannot use the folder ${path} (-state): `);
});

Deno.test("a folder belongs to one server at a time", async () => {
  using folder = new Folder();
  const first = await TokenFile.open(folder.path);
  const message = await refusalOf(folder.path);
  assertStringIncludes(message, "another server uses it; give each server its own");
  new FencingTokens(NOW_MS, first);
  first.close();
  const second = await TokenFile.open(folder.path);
  assert(second.mark > NOW_MS * 1024);
  second.close();
});

/** Returns a token that a server grants. */
async function tokenOf(address: Address, name: string): Promise<number> {
  using client = await LineClient.dial(address);
  assertMatch(await client.ask("hello"), /^1 hello /);
  const line = readLine(await client.ask(`acquire ${name}`))!;
  return Number(valueOf(line, "token"));
}

Deno.test("servers started one after another on one folder: tokens rise though the clock does not", async () => {
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

Deno.test("a second program on one folder ends with status 5", async () => {
  using folder = new Folder();
  await using _server = await startInner([`-state=${folder.path}`]);
  const flags = [`-port=${freeAddress().port}`, "-ws=0", `-state=${folder.path}`];
  const { code, stderr } = await runToEnd(flags, folder.path);
  assertEquals(code, 5, stderr);
  assertStringIncludes(stderr, "another server uses it; give each server its own");
});

Deno.test("tokens rise after the program is killed, with a folder and without", async () => {
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
