/** Peers that do not answer, or are not Holdfast servers: scripted by the test. */
import { connect, ConnectionError } from "../../lib/client/mod.ts";
import { writeLine } from "../../lib/wire/extended.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { rejects } from "./suite/assert.ts";

/** Accepts connections, and answers each line with what `answer` returns; undefined: no reply. */
function startPeer(answer: (line: string) => string | undefined): {
  url: string;
  received: string[];
  close(): void;
} {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const conns: Deno.Conn[] = [];
  const received: string[] = [];
  const serve = async (conn: Deno.Conn) => {
    let text = "";
    const decoder = new TextDecoder();
    const bytes = new Uint8Array(1024);
    for (let n = await conn.read(bytes); n !== null; n = await conn.read(bytes)) {
      text += decoder.decode(bytes.subarray(0, n), { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        received.push(line);
        const reply = answer(line);
        if (reply !== undefined) await conn.write(new TextEncoder().encode(`${reply}\n`));
      }
    }
  };
  (async () => {
    for await (const conn of listener) {
      conns.push(conn);
      serve(conn).catch(() => {});
    }
  })().catch(() => {});
  return {
    url: `tcp://127.0.0.1:${port}`,
    received,
    close: () => {
      listener.close();
      for (const conn of conns) {
        try {
          conn.close();
        } catch { /* already closed */ }
      }
    },
  };
}

const HELLO = "1 hello version=1 protocol=1 session=7 secret=s";

function handshake(line: string): string | undefined {
  if (line.startsWith("hello")) return HELLO;
  return line.startsWith("deadline") ? "1 deadline seconds=1" : undefined;
}

Deno.test("a request rejects when the server stops answering", async () => {
  const server = startPeer(handshake);
  const client = await connect(server.url, { deadlineSeconds: 1, reconnect: false });
  const error = await rejects(client.ping(), ConnectionError);
  assert(error.message.includes("does not answer"), error.message);
  await client.close();
  server.close();
});

Deno.test("during a wait the client sends blank lines, and does not time out", async () => {
  let blanks = 0;
  const waited = Promise.withResolvers<void>();
  const server = startPeer((line) => {
    if (line === "" && ++blanks === 5) waited.resolve(); // longer than deadlineSeconds
    return handshake(line);
  });
  const client = await connect(server.url, { deadlineSeconds: 1 });
  const controller = new AbortController();
  const pending = client.acquire("a", { wait: "forever", signal: controller.signal });
  const rejected = assertRejects(() => pending, DOMException);
  await waited.promise;
  controller.abort();
  await rejected;
  assert(server.received.includes("acquire a wait=forever"));
  await client.close();
  server.close();
});

Deno.test("watch() can be aborted before the server has answered", async () => {
  const asked = Promise.withResolvers<void>();
  const server = startPeer((line) => {
    if (line === "watch") asked.resolve();
    return handshake(line);
  });
  const client = await connect(server.url);
  const controller = new AbortController();
  const events = client.watch("", { signal: controller.signal })[Symbol.asyncIterator]();
  const rejected = assertRejects(() => events.next(), Error, "enough");
  await asked.promise;
  controller.abort(new Error("enough"));
  await rejected;
  await client.close();
  server.close();
});

Deno.test("connect() can be aborted when the peer accepts and does not answer", async () => {
  const server = startPeer(() => undefined);
  const controller = new AbortController();
  const pending = connect(server.url, { signal: controller.signal });
  const rejected = assertRejects(() => pending, Error, "enough");
  controller.abort(new Error("enough"));
  await rejected;
  server.close();
});

Deno.test("connect() repeats hello without a name when the server refuses names", async () => {
  const server = startPeer((line) => line === "hello name=bob" ? "0 disabled" : handshake(line));
  const client = await connect(server.url, { name: "bob" });
  assertEquals(server.received.slice(0, 2), ["hello name=bob", "hello"]);
  server.close();
  await client.close();
});

Deno.test("connect() rejects when the peer is not a Holdfast server", async () => {
  const server = startPeer(() => "HTTP/1.1 400 Bad Request");
  const error = await rejects(connect(server.url), ConnectionError);
  assert(error.message.includes("unexpected reply"), error.message);
  server.close();
});

Deno.test("with deadlineSeconds 0 the client does not send deadline", async () => {
  const server = startPeer(handshake);
  const client = await connect(server.url, { deadlineSeconds: 0 });
  assertEquals(server.received, ["hello"]);
  server.close();
  await client.close();
});

Deno.test("a lock is lost when its grant and its force arrive in one chunk", async () => {
  const common = { name: "a", at: 1 };
  const events = [
    { ...common, event: "force", by: "bob", why: "now", count: 1 },
    { ...common, event: "release", mode: "exclusive", token: 9, holder: "me", cause: "forced" },
  ];
  const lines = events.map((event) => writeLine("*", "event", { json: JSON.stringify(event) }));
  const server = startPeer((line) => {
    if (line.startsWith("acquire")) return undefined; // answered together with watch
    if (!line.startsWith("watch")) return handshake(line) ?? "1 done";
    return `1 acquired token=9 count=1 waited=0 previous=none\n1 watching\n${lines.join("")}`
      .trim();
  });
  const client = await connect(server.url);
  const lock = await client.acquire("a");
  const { how, why } = await lock.lost;
  assertEquals([how, why], ["forced", "now"]);
  await client.close();
  server.close();
});
