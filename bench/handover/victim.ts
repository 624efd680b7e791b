/** A holder that is a process of its own, and as small a one as speaks TCP: bash, killed in time. */

/** Told the port and the lock: waits ahead of all others, and tells when it holds. */
const SCRIPT = [
  'exec 3<>"/dev/tcp/127.0.0.1/$0"',
  'printf "hello\\nacquire %s wait=forever priority=1\\n" "$1" >&3',
  "while read -r line <&3; do",
  'case $line in "1 acquired"*) echo holds;; esac',
  "done",
].join("\n");

export class Victim implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(port: number, lock: string) {
    this.#child = new Deno.Command("bash", {
      args: ["-c", SCRIPT, `${port}`, lock],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  }

  /** Resolves when it has read its grant, so that no unread reply makes its end a reset. */
  async holds(): Promise<void> {
    const reader = this.#child.stdout.getReader();
    const { done } = await reader.read();
    reader.releaseLock();
    if (done) throw new Error("The holder has ended before it held");
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill();
    } catch { /* it has ended already */ }
    await this.#child.status;
    await this.#child.stdout.cancel();
  }
}
