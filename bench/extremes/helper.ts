/** A helper from the side of who gives the orders: a process that answers each with a line. */
import type { Failure } from "./orders.ts";

export class Helper<Order> {
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #text = "";

  /** Runs a file of this folder; it is killed when the signal aborts. */
  constructor(name: string, args: readonly string[], signal: AbortSignal) {
    const path = new URL(`${name}.ts`, import.meta.url).pathname;
    this.#name = name;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-all", path, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      signal,
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** One order at a time. Throws what the helper has failed with. */
  async ask<Answer>(order: Order): Promise<Answer> {
    const bytes = new TextEncoder().encode(`${JSON.stringify(order)}\n`);
    await this.#input.write(bytes).catch(() => {}); // it has ended; its last words tell why
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error(`The ${this.#name} has ended`);
      this.#text += value;
    }
    const end = this.#text.indexOf("\n");
    const answer: Answer & Partial<Failure> = JSON.parse(this.#text.slice(0, end));
    this.#text = this.#text.slice(end + 1);
    if (answer.error !== undefined) throw new Error(`The ${this.#name}: ${answer.error}`);
    return answer;
  }

  async end(): Promise<void> {
    try {
      this.#child.kill("SIGKILL"); // it keeps nothing, and may have thousands of connections
    } catch { /* it has ended already */ }
    await this.#child.status;
    await this.#input.abort().catch(() => {});
    await this.#output.cancel().catch(() => {});
  }
}
