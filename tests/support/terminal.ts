/** A terminal of its own for a command line: script(1) makes one; we type, and see what is shown. */
import { cliCommand } from "./cli.ts";
import { Reader } from "./reader.ts";

export class Terminal implements AsyncDisposable {
  /** script's own process, which is not the terminal's. */
  readonly process: Deno.ChildProcess;
  /** All that was shown, once it is over. */
  readonly ended: Promise<string>;
  readonly #screen: Reader;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;

  /**
   * Runs `line` by bash in a terminal; `$HF` is the program under test. script(1) would take
   * $SHELL, and dash, unlike bash, dies of a Ctrl-C that its command has handled.
   */
  constructor(line: string, env: Readonly<Record<string, string>>) {
    this.process = new Deno.Command("script", {
      args: ["--quiet", "--return", "--flush", "--command", 'exec bash -c "$LINE"', "/dev/null"],
      env: { TERM: "xterm", NO_COLOR: "1", HF: cliCommand().join(" "), LINE: line, ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#screen = new Reader(this.process.stdout);
    this.#keys = this.process.stdin.getWriter();
    this.ended = this.#end();
  }

  async type(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Resolves to what matches, once it is shown. */
  shows(pattern: RegExp): Promise<string> {
    return this.#screen.until(pattern);
  }

  /** The terminal goes away, as when a window is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.process.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.ended;
  }

  async #end(): Promise<string> {
    const [text] = await Promise.all([this.#screen.whole, this.process.status]);
    await this.#keys.close().catch(() => {});
    return text;
  }
}
