/** Aborts between any two microtasks, against a scripted server that answers at once. */
import type { Link } from "../../lib/client/dial/link.ts";
import { LockClient } from "../../lib/client/client.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** Answers each line in the next microtask, up to an acquire of the lock "taken", which waits. */
class ScriptedLink implements Link {
  readonly isMessages = false;
  isClosed = false;
  #isWaiting = false;
  #text = "";
  #wake: (() => void) | undefined;

  async read(): Promise<Uint8Array | null> {
    while (this.#text === "" && !this.isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const text = this.#text;
    this.#text = "";
    return this.isClosed ? null : new TextEncoder().encode(text);
  }

  write(text: string): Promise<void> {
    for (const line of text.split("\n")) {
      this.#isWaiting ||= line.startsWith("acquire taken");
      if (!this.#isWaiting) this.#text += replyTo(line);
    }
    this.#wake?.();
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#wake?.();
  }
}

function replyTo(line: string): string {
  const [verb = ""] = line.split(" ");
  if (verb === "hello") return "1 hello version=1 protocol=1 session=7 secret=s\n";
  if (verb === "acquire") return "1 acquired token=1 count=1 waited=0 previous=none\n";
  return verb === "" ? "" : `1 ${verb}\n`;
}

async function microtasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}

/** Returns a client, and all connections that it opens. */
async function scripted(): Promise<{ client: LockClient; links: ScriptedLink[] }> {
  const links: ScriptedLink[] = [];
  const dial = (): Promise<Link> => {
    const link = new ScriptedLink();
    links.push(link);
    return Promise.resolve(link);
  };
  const options = { name: undefined, deadlineSeconds: 0, reconnect: true };
  return { client: await LockClient.open({ url: "tcp://scripted", dial }, options), links };
}

const MICROTASKS = 100;

for (const hasIdle of [true, false]) {
  Deno.test(`acquire() can be aborted at any microtask (${hasIdle ? "idle" : "new"} connection)`, async () => {
    for (let count = 0; count < MICROTASKS; count++) {
      const { client, links } = await scripted();
      if (hasIdle) await (await client.acquire("free")).release();
      await microtasks(MICROTASKS);
      const controller = new AbortController();
      let error: unknown;
      const options = { wait: "forever", signal: controller.signal } as const;
      client.acquire("taken", options).catch((it: unknown) => error = it);
      if (count > 0) await microtasks(count);
      controller.abort();
      await microtasks(2 * MICROTASKS);
      assert(
        error === controller.signal.reason,
        `not aborted after ${count} microtasks: ${String(error)}`,
      );
      await client.close();
      assertEquals(links.filter(({ isClosed }) => !isClosed), [], `after ${count} microtasks`);
    }
  });
}

Deno.test("close() at any microtask leaves no connection open", async () => {
  for (let count = 0; count < MICROTASKS; count++) {
    const { client, links } = await scripted();
    const pending = client.acquire("taken", { wait: "forever" }).catch(() => {});
    if (count > 0) await microtasks(count);
    await client.close();
    await pending;
    await microtasks(MICROTASKS);
    assertEquals(links.filter(({ isClosed }) => !isClosed), [], `after ${count} microtasks`);
  }
});
