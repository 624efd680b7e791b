/** `save`: writes the pools to the configuration file they were read from, one save at a time. */
import type { SaveOutcome } from "../dispatch/context.ts";
import type { Engine } from "../engine/engine.ts";
import { configurationOf } from "../state/pools/configuration.ts";
import { byteText } from "../wire/bytes.ts";
import { Conf } from "../wire/conf.ts";
import { writePools } from "../wire/looky_conf.ts";
import { ForeignChangeError, replaceConf } from "./replace_conf.ts";

export class ConfSaver {
  readonly #engine: Engine;
  readonly #path: string | undefined;
  /** The text of the file when it was last read or written. */
  #text: string;
  #lastSave: Promise<unknown> = Promise.resolve();

  /** @param file the file that was loaded, if any. */
  constructor(engine: Engine, file: { readonly path: string; readonly text: string } | undefined) {
    this.#engine = engine;
    this.#path = file?.path;
    this.#text = file?.text ?? "";
  }

  /** Saves when all earlier saves are done. Never rejects. */
  save(): Promise<SaveOutcome> {
    const outcome = this.#lastSave.then(() => this.#save()).catch((error): SaveOutcome => ({
      kind: "failed",
      why: byteText(error instanceof Error ? error.message : String(error)),
    }));
    this.#lastSave = outcome;
    return outcome;
  }

  async #save(): Promise<SaveOutcome> {
    if (this.#path === undefined) return { kind: "nowhere" };
    const { outline, revision, isDirty } = await this.#engine.read("pools", ({ pools }) => ({
      outline: configurationOf(pools),
      revision: pools.revision,
      isDirty: pools.revision !== pools.savedRevision,
    }));
    if (!isDirty) return { kind: "saved" };
    const conf = new Conf(this.#text);
    const unfit = writePools(conf, outline);
    if (unfit !== undefined) return { kind: "unfit", why: unfit };
    const text = conf.toString();
    try {
      await replaceConf(this.#path, this.#text, text);
    } catch (error) {
      if (!(error instanceof ForeignChangeError)) throw error;
      const why = `${byteText(this.#path)} was changed by another program since it was read; ` +
        "move that file away and save again, or restart to use it";
      return { kind: "unfit", why };
    }
    this.#text = text;
    await this.#engine.change("pools", ({ pools }) => {
      pools.savedRevision = revision; // later changes are not saved yet
    });
    return { kind: "saved" };
  }
}
