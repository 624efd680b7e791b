/** Requests and replies on one connection, without a server: bounds, order, ends. */
import { ConnectionError } from "../../lib/client/errors.ts";
import type { Link } from "../../lib/client/dial/link.ts";
import { Pipeline } from "../../lib/client/pipeline.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

/** A connection whose other end is the test. */
class HandLink implements Link {
  readonly isMessages: boolean;
  written: string[] = [];
  isClosed = false;
  #chunks: (Uint8Array | null)[] = [];
  #wake = () => {};
  /** Resolves what is written as long as it is not held up. */
  held: Promise<void> | undefined;

  constructor(isMessages = false) {
    this.isMessages = isMessages;
  }

  say(text: string | null): void {
    this.#chunks.push(text === null ? null : new TextEncoder().encode(text));
    this.#wake();
  }

  async read(): Promise<Uint8Array | null> {
    while (this.#chunks.length === 0) {
      if (this.isClosed) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#chunks.shift()!;
  }

  async write(text: string): Promise<void> {
    this.written.push(text);
    await this.held;
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }

  /** The lines that were written and not answered yet. */
  get lines(): number {
    return this.written.join("").split("\n").length - 1;
  }
}

function pipelineOf(link: Link): Pipeline<string> {
  return new Pipeline(link, {
    next: (inbox) => inbox.line(),
    unasked: (line) => line.startsWith("*"),
  });
}

/** Until all that is under way has gone as far as it goes. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("of very many requests a bounded part is on its way, and all are answered in order", async () => {
  const link = new HandLink();
  const pipeline = pipelineOf(link);
  const replies = Promise.all(
    Array.from({ length: 10_000 }, (_, i) => pipeline.ask(`${i}\n`, (line) => line)),
  );
  let [most, answered] = [0, 0];
  while (answered < 10_000) {
    await settled();
    const lines = link.written.splice(0).join("").split("\n").slice(0, -1);
    most = Math.max(most, lines.length);
    // In two pieces, cut anywhere.
    const text = lines.map((line) => `${line}\r\n`).join("");
    link.say(text.slice(0, 7));
    link.say(text.slice(7));
    answered += lines.length;
  }
  assertEquals((await replies).findIndex((reply, i) => reply !== String(i)), -1);
  assert(most <= 256, `${most} were on their way`);
  pipeline.close();
});

Deno.test("large requests are bounded by their length, and one over the bound goes alone", async () => {
  const link = new HandLink();
  const pipeline = pipelineOf(link);
  const large = `${"x".repeat(200_000)}\n`;
  const replies = Promise.all(
    [large, large, large + large].map((text) => pipeline.ask(text, (line) => line)),
  );
  for (let i = 1; i <= 3; i++) {
    await settled();
    assertEquals(link.written.splice(0).length, 1);
    link.say(`${i}\n`);
  }
  assertEquals(await replies, ["1", "2", "3"]);
  pipeline.close();
});

Deno.test("nothing more is written while the socket takes nothing", async () => {
  const link = new HandLink();
  let go = () => {};
  link.held = new Promise((resolve) => go = resolve);
  const pipeline = pipelineOf(link);
  const first = pipeline.ask("1\n", (line) => line);
  await settled();
  const second = pipeline.ask("2\n", (line) => line);
  await settled();
  assertEquals(link.written, ["1\n"]);
  go();
  await settled();
  assertEquals(link.written, ["1\n", "2\n"]);
  link.say("a\nb\n");
  assertEquals([await first, await second], ["a", "b"]);
  pipeline.close();
});

Deno.test("where messages are answered by messages, each request is one", async () => {
  const link = new HandLink(true);
  const pipeline = pipelineOf(link);
  const replies = ["1\n", "2\n", "3\n"].map((text) => pipeline.ask(text, (line) => line));
  await settled();
  assertEquals(link.written, ["1\n", "2\n", "3\n"]);
  link.say("a\n* event\n");
  link.say("");
  link.say("b\nc\n");
  assertEquals(await Promise.all(replies), ["a", "b", "c"]);
  pipeline.close();
});

Deno.test("the end of the connection fails all that is waited for, and all that is asked later", async () => {
  const link = new HandLink();
  const pipeline = pipelineOf(link);
  const waiting = ["1\n", "2\n"].map((text) => pipeline.ask(text, (line) => line));
  const failed = Promise.all(waiting.map((it) => assertRejects(() => it, ConnectionError)));
  link.say(null);
  await failed;
  assert((await pipeline.ended)?.message.includes("hung up"));
  await assertRejects(() => pipeline.ask("3\n", (line) => line), ConnectionError);
  assert(link.isClosed);
});

Deno.test("what nobody asked for is the end", async () => {
  const link = new HandLink();
  const pipeline = pipelineOf(link);
  link.say("1 surprise\n");
  assert((await pipeline.ended)?.message.includes("nobody asked"));
});

Deno.test("a last word is written before the connection is closed", async () => {
  const link = new HandLink();
  const pipeline = pipelineOf(link);
  const asked = assertRejects(() => pipeline.ask("1\n", (line) => line), ConnectionError);
  await settled();
  pipeline.part("bye\n");
  await asked;
  await settled();
  assertEquals([link.written, link.isClosed, pipeline.isOpen], [["1\n", "bye\n"], true, false]);
  assertEquals(await pipeline.ended, undefined);
});
