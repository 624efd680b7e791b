/** Giving up between any two steps: against a server that answers at once, step by step. */
import type { Link } from "../../lib/client/dial/link.ts";
import { LockClient } from "../../lib/client/client.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** Answers each line in the next step, up to one that waits for the lock "taken". */
class PlayedLink implements Link {
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
      if (!this.#isWaiting) this.#text += answer(line);
    }
    this.#wake?.();
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#wake?.();
  }
}

function answer(line: string): string {
  const [verb = ""] = line.split(" ");
  if (verb === "hello") return "1 hello version=1 protocol=1 session=7 secret=s\n";
  if (verb === "acquire") return "1 acquired token=1 count=1 waited=0 previous=none\n";
  return verb === "" ? "" : `1 ${verb}\n`;
}

async function steps(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}

/** A client, and all connections that it has made. */
async function played(): Promise<{ client: LockClient; links: PlayedLink[] }> {
  const links: PlayedLink[] = [];
  const dial = (): Promise<Link> => {
    const link = new PlayedLink();
    links.push(link);
    return Promise.resolve(link);
  };
  const options = { name: undefined, deadlineSeconds: 0, reconnect: true };
  return { client: await LockClient.open({ url: "tcp://played", dial }, options), links };
}

const STEPS = 100;

for (const hasIdle of [true, false]) {
  Deno.test(`an acquire is given up after any step (${hasIdle ? "old" : "new"} connection)`, async () => {
    for (let count = 0; count < STEPS; count++) {
      const { client, links } = await played();
      if (hasIdle) await (await client.acquire("free")).release();
      await steps(STEPS);
      const turn = new AbortController();
      let error: unknown;
      const wish = { wait: "forever", signal: turn.signal } as const;
      client.acquire("taken", wish).catch((it: unknown) => error = it);
      if (count > 0) await steps(count);
      turn.abort();
      await steps(2 * STEPS);
      assert(error === turn.signal.reason, `not given up after ${count} steps: ${String(error)}`);
      await client.close();
      assertEquals(links.filter(({ isClosed }) => !isClosed), [], `after ${count} steps`);
    }
  });
}

Deno.test("a client that is closed after any step leaves no connection", async () => {
  for (let count = 0; count < STEPS; count++) {
    const { client, links } = await played();
    const asked = client.acquire("taken", { wait: "forever" }).catch(() => {});
    if (count > 0) await steps(count);
    await client.close();
    await asked;
    await steps(STEPS);
    assertEquals(links.filter(({ isClosed }) => !isClosed), [], `after ${count} steps`);
  }
});
