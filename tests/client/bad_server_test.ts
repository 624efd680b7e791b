/** Servers that are none, or are there no more: a peer played by the test. */
import { connect, ConnectionError } from "../../lib/client/mod.ts";
import { writeLine } from "../../lib/wire/extended.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { fails } from "./suite/check.ts";

/** Takes one connection after the other, and answers each line as told; undefined: nothing. */
function peer(answer: (line: string) => string | undefined): {
  url: string;
  heard: string[];
  close(): void;
} {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const conns: Deno.Conn[] = [];
  const heard: string[] = [];
  const talk = async (conn: Deno.Conn) => {
    let text = "";
    const decoder = new TextDecoder();
    const bytes = new Uint8Array(1024);
    for (let n = await conn.read(bytes); n !== null; n = await conn.read(bytes)) {
      text += decoder.decode(bytes.subarray(0, n), { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        heard.push(line);
        const reply = answer(line);
        if (reply !== undefined) await conn.write(new TextEncoder().encode(`${reply}\n`));
      }
    }
  };
  (async () => {
    for await (const conn of listener) {
      conns.push(conn);
      talk(conn).catch(() => {});
    }
  })().catch(() => {});
  return {
    url: `tcp://127.0.0.1:${port}`,
    heard,
    close: () => {
      listener.close();
      for (const conn of conns) {
        try {
          conn.close();
        } catch { /* it has ended already */ }
      }
    },
  };
}

const HELLO = "1 hello version=1 protocol=1 session=7 secret=s";

function greeting(line: string): string | undefined {
  if (line.startsWith("hello")) return HELLO;
  return line.startsWith("deadline") ? "1 deadline seconds=1" : undefined;
}

Deno.test("a server that answers nothing any more is given up", async () => {
  const server = peer(greeting);
  const client = await connect(server.url, { deadlineSeconds: 1, reconnect: false });
  const error = await fails(client.ping(), ConnectionError);
  assert(error.message.includes("silent"), error.message);
  await client.close();
  server.close();
});

Deno.test("while a lock is waited for, silence is no end, and blank lines show that we are there", async () => {
  let blanks = 0;
  const waited = Promise.withResolvers<void>();
  const server = peer((line) => {
    if (line === "" && ++blanks === 5) waited.resolve(); // beyond the deadline
    return greeting(line);
  });
  const client = await connect(server.url, { deadlineSeconds: 1 });
  const turn = new AbortController();
  const asked = client.acquire("a", { wait: "forever", signal: turn.signal });
  const failed = assertRejects(() => asked, DOMException);
  await waited.promise;
  turn.abort();
  await failed;
  assert(server.heard.includes("acquire a wait=forever"));
  await client.close();
  server.close();
});

Deno.test("watching is given up before the server has answered", async () => {
  const asked = Promise.withResolvers<void>();
  const server = peer((line) => {
    if (line === "watch") asked.resolve();
    return greeting(line);
  });
  const client = await connect(server.url);
  const turn = new AbortController();
  const events = client.watch("", { signal: turn.signal })[Symbol.asyncIterator]();
  const failed = assertRejects(() => events.next(), Error, "enough");
  await asked.promise;
  turn.abort(new Error("enough"));
  await failed;
  await client.close();
  server.close();
});

Deno.test("one who takes connections and says nothing is left when the signal says so", async () => {
  const server = peer(() => undefined);
  const turn = new AbortController();
  const asked = connect(server.url, { signal: turn.signal });
  const failed = assertRejects(() => asked, Error, "enough");
  turn.abort(new Error("enough"));
  await failed;
  server.close();
});

Deno.test("a server that refuses names goes without", async () => {
  const server = peer((line) => line === "hello name=bob" ? "0 disabled" : greeting(line));
  const client = await connect(server.url, { name: "bob" });
  assertEquals(server.heard.slice(0, 2), ["hello name=bob", "hello"]);
  server.close();
  await client.close();
});

Deno.test("one that speaks otherwise is no server of ours", async () => {
  const server = peer(() => "HTTP/1.1 400 Bad Request");
  const error = await fails(connect(server.url), ConnectionError);
  assert(error.message.includes("riddles"), error.message);
  server.close();
});

Deno.test("a deadline of 0 says nothing of itself", async () => {
  const server = peer(greeting);
  const client = await connect(server.url, { deadlineSeconds: 0 });
  assertEquals(server.heard, ["hello"]);
  server.close();
  await client.close();
});

Deno.test("a lock that is taken away in one piece with its grant is lost", async () => {
  const about = { name: "a", at: 1 };
  const events = [
    { ...about, event: "force", by: "bob", why: "now", count: 1 },
    { ...about, event: "release", mode: "exclusive", token: 9, holder: "me", cause: "forced" },
  ];
  const told = events.map((event) => writeLine("*", "event", { json: JSON.stringify(event) }));
  const server = peer((line) => {
    if (line.startsWith("acquire")) return undefined; // with the next one
    if (!line.startsWith("watch")) return greeting(line) ?? "1 done";
    return `1 acquired token=9 count=1 waited=0 previous=none\n1 watching\n${told.join("")}`.trim();
  });
  const client = await connect(server.url);
  const lock = await client.acquire("a");
  const { how, why } = await lock.lost;
  assertEquals([how, why], ["forced", "now"]);
  await client.close();
  server.close();
});
