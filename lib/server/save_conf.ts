/** `save`: writes the pools' configuration back to the file it came from. One at a time. */
import type { SaveOutcome } from "../dispatch/command.ts";
import type { Engine } from "../engine/engine.ts";
import { outlineOf } from "../state/pools/outline.ts";
import { byteText } from "../wire/bytes.ts";
import { Conf } from "../wire/conf.ts";
import { writePools } from "../wire/looky_conf.ts";
import { ForeignChangeError, replaceFile } from "./replace_file.ts";

export class ConfSaver {
  readonly #engine: Engine;
  readonly #path: string | undefined;
  /** The file as it was read, or written last. */
  #text: string;
  #last: Promise<unknown> = Promise.resolve();

  /** @param file the file that was loaded, if any was. */
  constructor(engine: Engine, file: { readonly path: string; readonly text: string } | undefined) {
    this.#engine = engine;
    this.#path = file?.path;
    this.#text = file?.text ?? "";
  }

  /** Never throws. */
  save(): Promise<SaveOutcome> {
    const saved = this.#last.then(() => this.#save()).catch((error): SaveOutcome => ({
      kind: "failed",
      why: byteText(error instanceof Error ? error.message : String(error)),
    }));
    this.#last = saved;
    return saved;
  }

  async #save(): Promise<SaveOutcome> {
    if (this.#path === undefined) return { kind: "nowhere" };
    const { outline, revision, isDirty } = await this.#engine.read("pools", ({ pools }) => ({
      outline: outlineOf(pools),
      revision: pools.revision,
      isDirty: pools.revision !== pools.savedRevision,
    }));
    if (!isDirty) return { kind: "saved" };
    const conf = new Conf(this.#text);
    const unfit = writePools(conf, outline);
    if (unfit !== undefined) return { kind: "unfit", why: unfit };
    const text = conf.toString();
    try {
      await replaceFile(this.#path, this.#text, text);
    } catch (error) {
      if (!(error instanceof ForeignChangeError)) throw error;
      const why = `${byteText(this.#path)} was changed by another hand since it was read; ` +
        "move that file away and save again, or restart to use it";
      return { kind: "unfit", why };
    }
    this.#text = text;
    await this.#engine.change("pools", ({ pools }) => {
      pools.savedRevision = revision; // what came meanwhile is not saved
    });
    return { kind: "saved" };
  }
}
