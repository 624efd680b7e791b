/** Sessions with promised replies and failing commands, which no command of the server has. */
import type { Command } from "../../lib/dispatch/command.ts";
import { serveSession } from "../../lib/dispatch/session.ts";
import type { Service } from "../../lib/dispatch/service.ts";
import { CommandTable } from "../../lib/dispatch/command_table.ts";
import { log } from "../../lib/log.ts";
import { readConfig } from "../../lib/server/config.ts";
import { buildServices } from "../../lib/server/services.ts";
import { commands } from "../../lib/commands/glockd/mod.ts";
import { bytesOf } from "../../lib/wire/bytes.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { LineQueue, Pipe } from "../support/pipe.ts";

/** Returns a glockd service with additional commands. */
function serviceWith(...more: Command[]): Service {
  const { glockd } = buildServices(readConfig(["-max-line=100"]), undefined, {});
  return {
    ...glockd,
    table: new CommandTable([...commands, ...more], new Set(["dump", "registry"])),
  };
}

Deno.test("a request that waits delays its own connection, and no other", async () => {
  const gate = Promise.withResolvers<string>();
  const service = serviceWith({ usage: "wait", summary: "Waits.", run: () => gate.promise });
  const [slow, quick] = [new LineQueue(), new LineQueue()];
  const [slowPipe, quickPipe] = [new Pipe(slow), new Pipe(quick)];
  const ended = [serveSession(slowPipe, service), serveSession(quickPipe, service)];
  slowPipe.push(bytesOf("g a\nwait\nr a\n"));
  quickPipe.push(bytesOf("g b\ng a\n"));
  assertEquals(await quick.next(), "1 Lock Get Success: b");
  assertEquals(await quick.next(), "0 Lock Get Failure: a");
  gate.resolve("waited\n");
  assertEquals(await slow.next(), "1 Lock Get Success: a");
  assertEquals(await slow.next(), "waited");
  assertEquals(await slow.next(), "1 Lock Release Success: a");
  slowPipe.push(null);
  quickPipe.push(null);
  await Promise.all(ended);
});

const BUGS: [failure: string, run: () => never | Promise<never>][] = [
  ["throws", () => {
    throw new Error("oops");
  }],
  ["rejects", () => Promise.reject(new Error("oops"))],
];

for (const [failure, run] of BUGS) {
  Deno.test(`a command that ${failure} ends only its session, releases its locks and is logged`, async () => {
    const { error } = log;
    const errors: string[] = [];
    log.error = (line) => void errors.push(line);
    const service = serviceWith({ usage: "bug", summary: "Fails.", run });
    const [one, two] = [new LineQueue(), new LineQueue()];
    const [onePipe, twoPipe] = [new Pipe(one), new Pipe(two)];
    const ended = [serveSession(onePipe, service), serveSession(twoPipe, service)];
    onePipe.push(bytesOf("g a\n"));
    await one.next();
    onePipe.push(bytesOf("bug\n"));
    await ended[0];
    log.error = error;
    assertEquals(errors.length, 1);
    assertStringIncludes(errors[0]!, "oops");
    twoPipe.push(bytesOf("g a\n"));
    assertEquals(await two.next(), "1 Lock Get Success: a");
    twoPipe.push(null);
    await ended[1];
    assertEquals(service.stats.orphans, 2);
  });
}
