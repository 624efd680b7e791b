/** A pseudo-terminal for a command line, made by script(1): tests type keys and read the screen. */
import { cliCommand } from "./cli.ts";
import { Reader } from "./reader.ts";

export class Terminal implements AsyncDisposable {
  /** The process of script(1), which runs outside the terminal. */
  readonly process: Deno.ChildProcess;
  /** Resolves to all output, after the end. */
  readonly ended: Promise<string>;
  readonly #screen: Reader;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;

  /**
   * Runs `line` by bash in a terminal; `$HF` is the program under test. Not by $SHELL, as script(1)
   * would: unlike bash, dash is killed by a Ctrl-C that its command has handled.
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

  /** Resolves to the output that matches, once it is shown. */
  shows(pattern: RegExp): Promise<string> {
    return this.#screen.until(pattern);
  }

  /** Hangs up the terminal, as when its window is closed. */
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
