/** The shell scripts of examples/ as processes, with the program under test as `holdfast` on PATH. */
import { cliCommand } from "./cli.ts";
import { Folder } from "./folder.ts";
import { Reader } from "./reader.ts";

export interface ExampleEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const examples = new URL("../../examples/", import.meta.url).pathname;

/** A folder for one test, with a command `holdfast` in it. */
export class ExampleFolder extends Folder {
  constructor() {
    super();
    const quoted = cliCommand().map((word) => `'${word}'`).join(" ");
    Deno.chmodSync(this.put("holdfast", `#!/bin/sh\nexec ${quoted} "$@"\n`), 0o755);
  }

  /** Starts examples/`name` with its stdin open. */
  start(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): ShellExample {
    const path = `${this.path}:${Deno.env.get("PATH")}`;
    return new ShellExample(name, args, { USER: "tester", PATH: path, ...env });
  }
}

export class ShellExample {
  readonly ended: Promise<ExampleEnd>;
  readonly #process: Deno.ChildProcess;
  readonly #stdout: Reader;
  readonly #stderr: Reader;

  constructor(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    this.#process = new Deno.Command(examples + name, {
      args: [...args],
      env: { ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdout = new Reader(this.#process.stdout);
    this.#stderr = new Reader(this.#process.stderr);
    this.ended = this.#end();
  }

  /** Resolves to the part of stdout that matches, once it is there. Throws when stdout ends first. */
  said(pattern: RegExp): Promise<string> {
    return this.#stdout.until(pattern);
  }

  /** Ends its stdin, after those bytes, and waits for the end of the process. */
  async finish(input: Uint8Array = new Uint8Array()): Promise<ExampleEnd> {
    const writer = this.#process.stdin.getWriter();
    await writer.write(input);
    await writer.close();
    return await this.ended;
  }

  /** Kills it, and ends its stdin for what it has started. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.stdin.close();
    await this.ended;
  }

  async #end(): Promise<ExampleEnd> {
    const [{ code }, stdout, stderr] = await Promise.all([
      this.#process.status,
      this.#stdout.whole,
      this.#stderr.whole,
    ]);
    return { code, stdout, stderr };
  }
}
