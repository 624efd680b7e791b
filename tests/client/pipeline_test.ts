/** Requests and replies on one connection, without a server: limits, order, closing. */
import { ConnectionError } from "../../lib/client/errors.ts";
import type { Link } from "../../lib/client/dial/link.ts";
import { Pipeline } from "../../lib/client/pipeline.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

/** A connection whose peer is the test. */
class TestLink implements Link {
  readonly isMessages: boolean;
  written: string[] = [];
  isClosed = false;
  #chunks: (Uint8Array | null)[] = [];
  #wake = () => {};
  /** Writes resolve when this does. */
  writable: Promise<void> | undefined;

  constructor(isMessages = false) {
    this.isMessages = isMessages;
  }

  receive(text: string | null): void {
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
    await this.writable;
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }
}

function pipelineOf(link: Link): Pipeline<string> {
  return new Pipeline(link, {
    next: (buffer) => buffer.line(),
    handleUnsolicited: (line) => line.startsWith("*"),
  });
}

/** Resolves when all pending microtasks have run. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("at most 256 of many requests are in flight, and all are answered in order", async () => {
  const link = new TestLink();
  const pipeline = pipelineOf(link);
  const replies = Promise.all(
    Array.from({ length: 10_000 }, (_, i) => pipeline.ask(`${i}\n`, (line) => line)),
  );
  let [max, answered] = [0, 0];
  while (answered < 10_000) {
    await settled();
    const lines = link.written.splice(0).join("").split("\n").slice(0, -1);
    max = Math.max(max, lines.length);
    // In two chunks, split within a line.
    const text = lines.map((line) => `${line}\r\n`).join("");
    link.receive(text.slice(0, 7));
    link.receive(text.slice(7));
    answered += lines.length;
  }
  assertEquals((await replies).findIndex((reply, i) => reply !== String(i)), -1);
  assert(max <= 256, `${max} requests were in flight`);
  pipeline.close();
});

Deno.test("the characters in flight are limited, and a request over the limit is sent alone", async () => {
  const link = new TestLink();
  const pipeline = pipelineOf(link);
  const large = `${"x".repeat(200_000)}\n`;
  const replies = Promise.all(
    [large, large, large + large].map((text) => pipeline.ask(text, (line) => line)),
  );
  for (let i = 1; i <= 3; i++) {
    await settled();
    assertEquals(link.written.splice(0).length, 1);
    link.receive(`${i}\n`);
  }
  assertEquals(await replies, ["1", "2", "3"]);
  pipeline.close();
});

Deno.test("nothing is written while an earlier write is pending", async () => {
  const link = new TestLink();
  let unblock = () => {};
  link.writable = new Promise((resolve) => unblock = resolve);
  const pipeline = pipelineOf(link);
  const first = pipeline.ask("1\n", (line) => line);
  await settled();
  const second = pipeline.ask("2\n", (line) => line);
  await settled();
  assertEquals(link.written, ["1\n"]);
  unblock();
  await settled();
  assertEquals(link.written, ["1\n", "2\n"]);
  link.receive("a\nb\n");
  assertEquals([await first, await second], ["a", "b"]);
  pipeline.close();
});

Deno.test("each request is a write of its own on a link of messages", async () => {
  const link = new TestLink(true);
  const pipeline = pipelineOf(link);
  const replies = ["1\n", "2\n", "3\n"].map((text) => pipeline.ask(text, (line) => line));
  await settled();
  assertEquals(link.written, ["1\n", "2\n", "3\n"]);
  link.receive("a\n* event\n");
  link.receive("");
  link.receive("b\nc\n");
  assertEquals(await Promise.all(replies), ["a", "b", "c"]);
  pipeline.close();
});

Deno.test("pending and later requests reject when the server closes the connection", async () => {
  const link = new TestLink();
  const pipeline = pipelineOf(link);
  const waiting = ["1\n", "2\n"].map((text) => pipeline.ask(text, (line) => line));
  const rejected = Promise.all(waiting.map((it) => assertRejects(() => it, ConnectionError)));
  link.receive(null);
  await rejected;
  assert((await pipeline.ended)?.message.includes("the server closed it"));
  await assertRejects(() => pipeline.ask("3\n", (line) => line), ConnectionError);
  assert(link.isClosed);
});

Deno.test("a reply without a request closes the connection", async () => {
  const link = new TestLink();
  const pipeline = pipelineOf(link);
  link.receive("1 unexpected\n");
  assert((await pipeline.ended)?.message.includes("without a request"));
});

Deno.test("closeAfter() writes the text before it closes the connection", async () => {
  const link = new TestLink();
  const pipeline = pipelineOf(link);
  const rejected = assertRejects(() => pipeline.ask("1\n", (line) => line), ConnectionError);
  await settled();
  pipeline.closeAfter("bye\n");
  await rejected;
  await settled();
  assertEquals([link.written, link.isClosed, pipeline.isOpen], [["1\n", "bye\n"], true, false]);
  assertEquals(await pipeline.ended, undefined);
});
