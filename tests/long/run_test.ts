/**
 * `holdfast run` on a Unix system: terminals, shells, job control, nohup, the death of the parent.
 * Needs Linux with bash, script, setpriv and ps, which all but the smallest systems have.
 */
import { connect } from "../../lib/client/mod.ts";
import { log } from "../../lib/log.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";
import { Cli, cli, cliCommand, script, untilLock, urlOf } from "../support/cli.ts";
import { startCutProxy } from "../support/cut_tcp_proxy.ts";
import { startInner } from "../support/server.ts";
import { Terminal } from "../support/terminal.ts";

/** Returns whether a test cannot run here, and says why. In CI it must run. */
function mustSkip(subject: string, ...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => !has(program));
  if (missing.length === 0 || Deno.env.get("CI") === "true") return false;
  log.info(`SKIPPED: ${subject}: cannot find ${missing.join(", ")}`);
  return true;
}

function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

const noTerminal = mustSkip("terminals", "script", "bash", "setpriv", "ps");
/** Moves to the start of the line and erases it. */
const CLEAR = "\r\x1b[K";

function after(text: string, pattern: string): RegExp {
  return new RegExp(text.replaceAll("[", "\\[") + pattern);
}

const quotedDeno = `'${Deno.execPath()}'`;
/** Counts SIGINT; after the first one, until its input ends and a second one has had time to come. */
const COUNT = `let n = 0;
await new Promise((go) => {
  Deno.addSignalListener("SIGINT", () => go(console.log("int", ++n)));
  console.log("ready");
});
await Deno.stdin.read(new Uint8Array(9));
await new Promise((resolve) => setTimeout(resolve, 200));
console.log("n=" + n);
Deno.exit(9)`;

Deno.test("at a terminal a wait line shows holder, reason and position, and is erased afterwards", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp), { name: "alice" });
  const lock = await client.acquire("backup", { why: "nightly" });
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const wide = new Terminal("stty cols 132; $HF run backup -- echo it runs", env);
  const line = await wide.shows(
    after(CLEAR, "Waiting for backup \\(\\d+s, position 1 of 1\\): [^\\r]*"),
  );
  assertMatch(
    line.slice(CLEAR.length),
    /: held by alice since \d\d:\d\d:\d\d \(\d+[smhd]\), nightly$/,
  );
  const narrow = new Terminal("stty cols 40; $HF run backup -- echo it runs", env);
  const cut = await narrow.shows(after(CLEAR, "Waiting[^\\r]*…"));
  assertEquals([...cut.slice(CLEAR.length)].length, 39);
  await lock.release();
  assert((await wide.ended).endsWith(`${CLEAR}it runs\r\n`));
  assert((await narrow.ended).endsWith(`${CLEAR}it runs\r\n`));
});

Deno.test(
  "names of other clients cannot control the terminal",
  { ignore: noTerminal },
  async () => {
    await using server = await startInner();
    await using client = await connect(urlOf(server.tcp), { name: "evil\x1b]0;title\x07" });
    await using _lock = await client.acquire("a", { why: "\x1b[2J" });
    const line = "stty cols 200; $HF run a -- true";
    await using terminal = new Terminal(line, { HOLDFAST_URL: urlOf(server.tcp) });
    const shown = await terminal.shows(/Waiting[^\r]*/);
    assertStringIncludes(shown, "evil\\x1b]0;title\\x07");
    assertStringIncludes(shown, "\\x1b[2J");
  },
);

Deno.test("Ctrl-C ends a waiting run at once, and the loop of the shell with it", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  await using _lock = await client.acquire("a");
  const loop = "bash -c 'for i in 1 2 3; do $HF run a -- true; echo status $?; done; echo over'";
  const terminal = new Terminal(loop, { HOLDFAST_URL: urlOf(server.tcp) });
  await terminal.shows(/Waiting for a/);
  await terminal.type("\x03");
  const shown = await terminal.ended;
  assert(!/status|over/.test(shown), shown);
  await untilLock(client, "a", (info) => info?.queue.length === 0);
});

for (const input of ["", "sleep 1000 | "]) {
  Deno.test(`Ctrl-C reaches the command once, ${input === "" ? "from" : "beside"} a terminal`, {
    ignore: noTerminal,
  }, async () => {
    await using server = await startInner();
    const env = { HOLDFAST_URL: urlOf(server.tcp), CODE: COUNT };
    // Its input is the terminal, or a pipe; both are in the group that Ctrl-C goes to.
    const line = `${input}$HF run a -- ${quotedDeno} eval "$CODE"; echo "status $?"`;
    await using terminal = new Terminal(line, env);
    await terminal.shows(/ready/);
    await terminal.type("\x03");
    if (input === "") {
      await terminal.shows(/int 1/);
      await terminal.type("\n");
    }
    await terminal.shows(/n=1\r\nstatus 9/);
  });
}

Deno.test("Ctrl-Z stops run and its command and keeps the lock; fg continues them", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const terminal = new Terminal("bash --norc --noediting -i", {
    HOLDFAST_URL: urlOf(server.tcp),
  });
  await terminal.shows(/[#$] $/);
  await terminal.type(
    `$HF run a -- sh -c 'echo pid $$ "on"; read line; echo "got $line"; exit 6'\n`,
  );
  const pid = /\d+/.exec(await terminal.shows(/pid \d+ on/))?.[0];
  await terminal.type("\x1a");
  await terminal.shows(/Stopped/);
  assertMatch(await Deno.readTextFile(`/proc/${pid}/status`), /^State:\tT/m);
  assertEquals((await client.describe("a"))?.holders.length, 1);
  await terminal.type("fg\n");
  await terminal.type("word\n");
  await terminal.shows(/got word/);
  await terminal.type("echo status $?\n");
  await terminal.shows(/status 6/);
  await terminal.type("exit\n");
  await terminal.ended;
  assertEquals(await client.describe("a"), undefined);
});

const UNTIL_INPUT_ENDS =
  "console.log('ready'); await Deno.stdin.read(new Uint8Array(1)); Deno.exit(4)";

Deno.test("without an idle timeout, run notices a connection that only the server has closed", async () => {
  await using server = await startInner();
  using proxy = startCutProxy(server.tcp);
  await using client = await connect(urlOf(server.tcp));
  const start = (...args: string[]) =>
    new Cli(["run", "--url", proxy.url, "--deadline", "0", ...args, ...script(UNTIL_INPUT_ENDS)], {
      stdin: "open",
    });
  const taken = await client.acquire("waits");
  const [lost, kept, waits] = [start("lost"), start("--keep", "10m", "kept"), start("waits")];
  await Promise.all([lost.stdoutMatch(/ready/), kept.stdoutMatch(/ready/)]);
  await untilLock(client, "waits", (info) => info?.queue.length === 1);
  const before = (await client.describe("kept"))?.holders[0];
  proxy.cutServerSide();
  await untilLock(client, "lost", (info) => info === undefined);
  await untilLock(client, "waits", (info) => info?.queue.length === 0);

  assertEquals((await lost.ended).code, 76);
  await untilLock(client, "kept", (info) => info?.holders[0]?.absent !== true);
  assertEquals((await client.describe("kept"))?.holders[0]?.token, before?.token);
  await untilLock(client, "waits", (info) => info?.queue.length === 1);
  await taken.release();
  await waits.stdoutMatch(/ready/);
  for (const run of [lost, kept, waits]) await run.process.stdin.close();
  assertEquals([(await kept.ended).code, (await waits.ended).code], [4, 4]);
});

Deno.test("a terminal that hangs up ends run and its command, waiting or not", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const env = { HOLDFAST_URL: urlOf(server.tcp) };
  const holds = new Terminal("$HF run a -- sh -c 'echo runs; sleep 1000'", env);
  await holds.shows(/runs/);
  const waits = new Terminal("$HF run a -- true", env);
  await waits.shows(/Waiting for a/);
  await waits[Symbol.asyncDispose]();
  await untilLock(client, "a", (info) => info?.queue.length === 0);
  await holds[Symbol.asyncDispose]();
  await untilLock(client, "a", (info) => info === undefined);
});

Deno.test("SIGUSR1 reaches the command", { ignore: noTerminal }, async () => {
  await using server = await startInner();
  const code = "trap 'echo got it; exit 4' USR1; echo on; while :; do sleep 0.05; done";
  const run = new Cli(["run", "--url", urlOf(server.tcp), "a", "--", "sh", "-c", code]);
  await run.stdoutMatch(/on/);
  run.process.kill("SIGUSR1");
  const { code: status, stdout } = await run.ended;
  assertEquals([status, stdout], [4, "on\ngot it\n"]);
});

Deno.test("the command ignores the signals that nohup or a background job ignores", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  const env = { HOLDFAST_URL: urlOf(server.tcp), HF: cliCommand().join(" "), NO_COLOR: "1" };
  const ignored = async (line: string) => {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", line], env, stdin: "null" })
      .output();
    const [, mask = ""] = /SigIgn:\s*([0-9a-f]+)/.exec(new TextDecoder().decode(stdout)) ?? [];
    return Number(BigInt(`0x${mask}`) & 0b111n); // SIGHUP, SIGINT, SIGQUIT
  };
  const look = "$HF run a -- grep SigIgn /proc/self/status";
  assertEquals(await ignored(look), 0);
  assertEquals(await ignored(`nohup ${look}`), 0b001);
  assertEquals(await ignored(`${look} & wait`), 0b110);
});

Deno.test("SIGKILL of run kills the command too", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  const run = new Cli([
    "run",
    "--url",
    urlOf(server.tcp),
    "a",
    "--",
    "sh",
    "-c",
    "echo on; exec sleep 999",
  ]);
  await run.stdoutMatch(/on/);
  run.process.kill("SIGKILL");
  await run.ended; // both share the output, which ends with the last of them
});

Deno.test("a loss ends the children of a shell, not only the shell", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  const stubborn = "sh -c 'trap : TERM; echo on; while :; do sleep 0.05; done'; echo never";
  for (const options of [["--grace", "200ms"], ["--on-lost", "kill"]]) {
    const run = new Cli([
      "run",
      "--url",
      urlOf(server.tcp),
      ...options,
      "a",
      "--",
      "sh",
      "-c",
      stubborn,
    ]);
    await run.stdoutMatch(/on/);
    await client.force("a", "to see");
    const { code, stdout } = await run.ended;
    assertEquals([code, stdout], [76, "on\n"]);
  }
});

Deno.test("the command inherits further descriptors, and none that run opened", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  const env = { HOLDFAST_URL: urlOf(server.tcp), HF: cliCommand().join(" "), NO_COLOR: "1" };
  const look = "cat <&3; ls -l /proc/self/fd | grep -c socket";
  const three = `${server.folder}/three`;
  const line = `echo three > ${three}; $HF run a -- sh -c '${look}' 3<${three}`;
  const command = new Deno.Command("sh", { args: ["-c", line], env });
  const { stdout } = await command.output();
  assertEquals(new TextDecoder().decode(stdout), "three\n0\n");
});

Deno.test("bash loads the completions, and completes", { ignore: noTerminal }, async () => {
  await using server = await startInner();
  await using client = await connect(urlOf(server.tcp));
  await using _lock = await client.acquire("nightly");
  const { stdout } = await cli(["completions", "bash"]);
  const complete = async (...words: string[]) => {
    const say = `holdfast() { $HF "$@"; }; COMP_WORDS=(${words.map((it) => `'${it}'`).join(" ")});
      COMP_CWORD=${words.length - 1}; _holdfast; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { code, stdout: text, stderr } = await new Deno.Command("bash", {
      args: ["-eu", "-c", `${stdout}\n${say}`],
      env: { HF: cliCommand().join(" "), HOLDFAST_URL: urlOf(server.tcp) },
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    return new TextDecoder().decode(text).split("\n").filter((word) => word !== "");
  };
  assertEquals(await complete("holdfast", "w"), ["who", "watch"]);
  assertEquals(await complete("holdfast", "run", "--on"), ["--on-lost"]);
  assertEquals(await complete("holdfast", "run", "--on-lost", ""), ["kill", "term", "ignore"]);
  assertEquals(await complete("holdfast", "run", "ni"), ["nightly"]);
  assertEquals(await complete("holdfast", "run", "--wait", ""), []);
  assertEquals(await complete("holdfast", "serve", "-po"), ["-port"]);
  // Any client can choose a name: bash must show it as a word and never execute it.
  const evil = `evil$(touch ${server.folder}/taken);*`;
  await using _evil = await client.acquire(evil);
  const [shown = ""] = await complete("holdfast", "locks", "ev");
  assertEquals(shown.replaceAll("\\", ""), evil);
  assert(/^evil\\\$\\\(touch\\ /.test(shown), shown);
  assertThrows(() => Deno.statSync(`${server.folder}/taken`), Deno.errors.NotFound);
  assertEquals(await complete("holdfast", "help", "ver"), ["version"]);
  assert((await complete("holdfast", "run", "a", "--", "bas")).includes("bash"));
});

for (const shell of ["zsh", "fish"].filter(has)) {
  Deno.test(`${shell} loads the completions`, async () => {
    const { stdout } = await cli(["completions", shell]);
    const check = new Deno.Command(shell, { args: ["-n"], stdin: "piped", stderr: "inherit" })
      .spawn();
    const writer = check.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdout));
    await writer.close();
    assertEquals((await check.status).code, 0);
  });
}

Deno.test("run passes a million bytes of input and output through", {
  ignore: noTerminal,
}, async () => {
  await using server = await startInner();
  const text = "0123456789abcdef".repeat(64 * 1024);
  const args = ["run", "--url", urlOf(server.tcp), "a"];
  const { stdout } = await cli([...args, "--", "cat"], { stdin: text });
  assertEquals(stdout.length, text.length);
  assertEquals((await cli([...args, ...script("Deno.exit(0)")])).code, 0);
});
