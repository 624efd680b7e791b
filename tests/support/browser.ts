/** A headless Chromium, its tabs opened, read and closed by the DevTools protocol. */
import { Reader } from "./reader.ts";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];
const FLAGS = ["--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu"];

/** The name of the browser on this machine; undefined when there is none. */
export function findBrowser(): string | undefined {
  return PROGRAMS.find((program) => {
    try {
      const command = new Deno.Command(program, { args: ["--version"], stderr: "null" });
      return command.outputSync().success;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  });
}

export class Browser implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #ended: Promise<unknown>;
  /** Where the DevTools protocol is served: "http://127.0.0.1:PORT/json/". */
  readonly #url: string;

  private constructor(process: Deno.ChildProcess, ended: Promise<unknown>, url: string) {
    this.#process = process;
    this.#ended = ended;
    this.#url = url;
  }

  /** Starts it. @param folder for its profile. */
  static async start(program: string, folder: string): Promise<Browser> {
    const args = [...FLAGS, "--remote-debugging-port=0", `--user-data-dir=${folder}/profile`];
    const process = new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).spawn();
    const stderr = new Reader(process.stderr);
    const line = await stderr.until(/DevTools listening on ws:\/\/[^/]+/);
    const url = `http://${line.slice(line.lastIndexOf("/") + 1)}/json/`;
    return new Browser(process, Promise.all([process.status, stderr.whole]), url);
  }

  /** Opens a tab; returns once its page is loaded. */
  async open(url: string): Promise<Tab> {
    const answer = await fetch(`${this.#url}new?about:blank`, { method: "PUT" });
    const { id, webSocketDebuggerUrl } = await answer.json();
    const tab = await Tab.attach(webSocketDebuggerUrl, async () => {
      await (await fetch(`${this.#url}close/${id}`)).text();
    });
    await tab.load(url);
    return tab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#ended;
  }
}

/** A reply or an event of the DevTools protocol. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly error?: unknown;
  readonly result?: { readonly result?: { readonly value: unknown }; exceptionDetails?: unknown };
}

export class Tab {
  /** Closes the tab, as its user does. */
  readonly close: () => Promise<void>;
  readonly #socket: WebSocket;
  /** What waits for a reply, by its number, or for an event, by its name. */
  readonly #waiting = new Map<number | string, (message: Message) => void>();
  #id = 0;

  private constructor(socket: WebSocket, close: () => Promise<void>) {
    this.#socket = socket;
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    this.close = async () => {
      await close();
      await closed;
    };
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data) as Message;
      this.#waiting.get(message.id ?? message.method ?? "")?.(message);
    });
  }

  /** @param close asks the browser to close the tab. */
  static async attach(url: string, close: () => Promise<void>): Promise<Tab> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    return new Tab(socket, close);
  }

  /** Loads a page, and returns when it is loaded. */
  async load(url: string): Promise<void> {
    await this.#send("Page.enable", {});
    const loaded = this.#next("Page.loadEventFired");
    await this.#send("Page.navigate", { url });
    await loaded;
  }

  /** Evaluates an expression in the page; waits for it when it is a promise. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result } = await this.#send("Runtime.evaluate", params);
    if (result?.exceptionDetails) throw new Error(JSON.stringify(result.exceptionDetails));
    return result?.result?.value;
  }

  async #send(method: string, params: object): Promise<Message> {
    const id = ++this.#id;
    const replied = this.#next(id);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const message = await replied;
    if (message.error) throw new Error(`${method}: ${JSON.stringify(message.error)}`);
    return message;
  }

  #next(key: number | string): Promise<Message> {
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#waiting.set(key, resolve);
    return promise;
  }

  /** Resolves once the text of the element with that id contains `part`. */
  async shows(id: string, part: string): Promise<void> {
    await this.evaluate(`new Promise((resolve) => {
      const look = () => {
        if (document.getElementById("${id}")?.textContent.includes("${part}")) resolve();
      };
      new MutationObserver(look)
        .observe(document, { subtree: true, childList: true, characterData: true });
      look();
    })`);
  }
}
