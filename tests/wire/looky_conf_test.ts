/**
 * looky.conf as pools: the meaning of every key, invalid values, and changes of a file, which must
 * read as the new configuration and keep all other lines.
 */
import type { PoolDefaults } from "../../lib/state/pools/model.ts";
import type { PoolConfiguration, PoolsConfiguration } from "../../lib/state/pools/configuration.ts";
import { Conf } from "../../lib/wire/conf.ts";
import { ConfValueError, readPools, writePools } from "../../lib/wire/looky_conf.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const DEFAULTS: PoolDefaults = { seed: "weighted", mode: "sticky", latencyMs: 3_600_000 };

/** Returns the lines of a file, each with its end. */
function lines(...lines: string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function read(...text: string[]): PoolsConfiguration {
  return readPools(new Conf(lines(...text))).configuration;
}

/** Returns a pool with the given values, and the fallbacks for all others. */
function pool(
  name: string,
  resources: Readonly<Record<string, number>> = {},
  settings: Partial<PoolDefaults> = {},
): PoolConfiguration {
  const list = Object.entries(resources).map(([name, quantity]) => ({ name, quantity }));
  return { name, ...DEFAULTS, ...settings, resources: list };
}

Deno.test("readPools() returns no pools and the fallbacks for a file without pools", () => {
  for (const text of ["", "\n", "# pool.list:a\n", "port:4040\n"]) {
    const { defaults, configuration } = readPools(new Conf(text));
    assertEquals(configuration, { pools: [], coupled: [] });
    assertEquals(defaults, DEFAULTS);
  }
});

Deno.test("readPools() reads the sample of the documentation, in the order of pool.list", () => {
  const path = new URL("../data/sales.conf", import.meta.url);
  const { defaults, configuration, keys } = readPools(new Conf(Deno.readTextFileSync(path)));
  assertEquals(defaults, { seed: "weighted", mode: "queued", latencyMs: 18_000_000 });
  assertEquals(configuration, {
    pools: [
      pool("sales", { "100.1.4.129": 200, "100.1.4.130": 300, "100.1.4.128": 200 }, {
        mode: "queued",
      }),
      pool("admin", { "100.1.4.128": 100, "100.1.4.129": 200 }, {
        mode: "queued",
        latencyMs: 18_000_000,
      }),
    ],
    coupled: ["100.1.4.129"],
  });
  assertEquals([...keys].filter((key) => !/^(?:pool|resource)\./.test(key)), []);
});

Deno.test("readPools() reads every key, and specific keys override general ones", () => {
  const cases: [text: string[], configuration: Partial<PoolsConfiguration>][] = [
    [["pool.list:a"], { pools: [pool("a")] }],
    [["pool.list: b , a,c "], { pools: [pool("b"), pool("a"), pool("c")] }],
    [["pool.list:a,,b,a,"], { pools: [pool("a"), pool("b")] }],
    [["pool.list:"], { pools: [] }],
    [["pool.list:a", "pool.list:b"], { pools: [pool("b")] }],
    [["pool.list:a", "pool.seed-method:serial"], { pools: [pool("a", {}, { seed: "serial" })] }],
    [["pool.list:a,b", "pool.seed-method:serial", "pool.a.seed-method:minimal"], {
      pools: [pool("a", {}, { seed: "minimal" }), pool("b", {}, { seed: "serial" })],
    }],
    [["pool.distribute-mode:queued", "pool.list:a,b", "pool.a.distribute-mode:queued-007"], {
      pools: [pool("a", {}, { mode: 7 }), pool("b", {}, { mode: "queued" })],
    }],
    [["pool.latency-time:5h", "pool.list:a,b", "pool.b.latency-time:90"], {
      pools: [pool("a", {}, { latencyMs: 18_000_000 }), pool("b", {}, { latencyMs: 90_000 })],
    }],
    [["pool.list:a", "pool.a.resource.list:r,s"], { pools: [pool("a", { r: 100, s: 100 })] }],
    [["pool.list:a", "pool.a.resource.list:r,r"], { pools: [pool("a", { r: 100 })] }],
    [["pool.list:a", "pool.quantity:7", "pool.a.resource.list:r"], {
      pools: [pool("a", { r: 7 })],
    }],
    [
      [
        "pool.list:a,b",
        "pool.quantity:7",
        "pool.a.resource.list:r,s",
        "pool.b.resource.list:r,s",
        "pool.a.resource.quantity:8",
        "pool.a.resource.s.quantity:9",
        "pool.b.resource.r.quantity:1",
      ],
      { pools: [pool("a", { r: 8, s: 9 }), pool("b", { r: 1, s: 7 })] },
    ],
    [["pool.list:a", "pool.a.resource.list:r", "pool.a.resource.r.quantity:2147483647"], {
      pools: [pool("a", { r: 2147483647 })],
    }],
    [["resource.coupled.list:s,r"], { pools: [], coupled: ["r", "s"] }],
    [["pool.list:__proto__", "pool.__proto__.resource.list:constructor"], {
      pools: [pool("__proto__", { constructor: 100 })],
    }],
    [["pool.list:\xa0\xff", "pool.\xa0\xff.resource.list:\x85"], {
      pools: [pool("\xa0\xff", { "\x85": 100 })],
    }],
    [["pool.list:#a", "pool.#a.seed-method:serial"], {
      pools: [pool("#a", {}, { seed: "serial" })],
    }],
  ];
  for (const [text, { pools = [], coupled = [] }] of cases) {
    assertEquals(read(...text), { pools, coupled }, text.join("; "));
    assertEquals(read(...text.map((line) => `\t${line.replace(":", "\t: ")} \r`)), {
      pools,
      coupled,
    });
  }
});

Deno.test("readPools() reads a latency as seconds, or with sec, min or h, and at least a second", () => {
  const cases: [value: string, seconds: number][] = [
    ["1", 1],
    ["3600", 3600],
    ["0090", 90],
    ["10sec", 10],
    ["5min", 300],
    ["5h", 18_000],
    ["1h", 3600],
  ];
  for (const [value, seconds] of cases) {
    const { pools } = read("pool.list:a", `pool.a.latency-time:${value}`);
    assertEquals(pools[0]!.latencyMs, seconds * 1000, value);
  }
});

Deno.test("readPools() returns the file's defaults for new pools", () => {
  const text = lines(
    "pool.seed-method:parallel",
    "pool.distribute-mode:queued-3",
    "pool.latency-time:2min",
    "pool.list:a",
    "pool.a.seed-method:serial",
  );
  const { defaults } = readPools(new Conf(text));
  assertEquals(defaults, { seed: "parallel", mode: 3, latencyMs: 120_000 });
});

Deno.test("readPools() assigns a key to the longest possible name with dots", () => {
  const cases: [text: string[], pools: PoolConfiguration[]][] = [
    [
      ["pool.list:a,a.b,a.b.c", "pool.a.b.c.seed-method:serial", "pool.a.b.seed-method:minimal"],
      [pool("a"), pool("a.b", {}, { seed: "minimal" }), pool("a.b.c", {}, { seed: "serial" })],
    ],
    [["pool.list:a.b,a", "pool.a.seed-method:serial"], [
      pool("a.b"),
      pool("a", {}, { seed: "serial" }),
    ]],
    [
      [
        "pool.list:10.0.0,10.0.0.1",
        "pool.10.0.0.resource.list:1,1.resource",
        "pool.10.0.0.1.resource.list:r.s,r",
        "pool.10.0.0.1.resource.r.s.quantity:5",
        "pool.10.0.0.1.resource.quantity:6",
        "pool.10.0.0.resource.1.quantity:7",
        "pool.10.0.0.resource.1.resource.quantity:8",
      ],
      [pool("10.0.0", { "1": 7, "1.resource": 8 }), pool("10.0.0.1", { "r.s": 5, r: 6 })],
    ],
    [
      // The key could be for resource "x.resource" of pool a, or all resources of the other pool.
      [
        "pool.list:a,a.resource.x",
        "pool.a.resource.list:x.resource",
        "pool.a.resource.x.resource.list:r",
        "pool.a.resource.x.resource.quantity:5",
      ],
      [pool("a", { "x.resource": 100 }), pool("a.resource.x", { r: 5 })],
    ],
    [
      // The key could be for resource "resource" of pool p, or all resources of the other pool.
      [
        "pool.list:p.resource,p",
        "pool.p.resource.list:resource",
        "pool.p.resource.resource.list:r",
        "pool.p.resource.resource.quantity:5",
      ],
      [pool("p.resource", { r: 5 }), pool("p", { resource: 100 })],
    ],
    [
      [
        "pool.list:p",
        "pool.p.resource.list:100.1.4,100.1.4.130,100.1.4.130.quantity",
        "pool.p.resource.100.1.4.130.quantity:1",
        "pool.p.resource.100.1.4.quantity:2",
        "pool.p.resource.100.1.4.130.quantity.quantity:3",
      ],
      [pool("p", { "100.1.4": 2, "100.1.4.130": 1, "100.1.4.130.quantity": 3 })],
    ],
  ];
  for (const [text, pools] of cases) {
    assertEquals(read(...text), { pools, coupled: [] }, text.join("; "));
  }
});

Deno.test("readPools() gives a coupled resource its largest quantity in every pool", () => {
  const base = [
    "pool.list:a,b,c",
    "pool.a.resource.list:r,s",
    "pool.b.resource.list:s,r",
    "pool.c.resource.list:s",
    "pool.a.resource.r.quantity:5",
    "pool.b.resource.r.quantity:3",
    "pool.b.resource.s.quantity:101",
    "pool.c.resource.s.quantity:7",
  ];
  const apart = [pool("a", { r: 5, s: 100 }), pool("b", { s: 101, r: 3 }), pool("c", { s: 7 })];
  const cases: [list: string, pools: PoolConfiguration[], coupled: string[]][] = [
    ["", apart, []],
    ["x", apart, ["x"]],
    ["r", [pool("a", { r: 5, s: 100 }), pool("b", { s: 101, r: 5 }), pool("c", { s: 7 })], ["r"]],
    [
      "s,x,r",
      [pool("a", { r: 5, s: 101 }), pool("b", { s: 101, r: 5 }), pool("c", { s: 101 })],
      ["r", "s", "x"],
    ],
  ];
  for (const [list, pools, coupled] of cases) {
    assertEquals(read(...base, `resource.coupled.list:${list}`), { pools, coupled }, list);
  }
});

Deno.test("readPools() returns the keys that it has read, and no others", () => {
  const known = [
    "pool.list:a",
    "pool.seed-method:serial",
    "pool.distribute-mode:sticky",
    "pool.latency-time:1",
    "pool.quantity:1",
    "pool.a.seed-method:serial",
    "pool.a.distribute-mode:sticky",
    "pool.a.latency-time:1",
    "pool.a.resource.list:r",
    "pool.a.resource.quantity:1",
    "pool.a.resource.r.quantity:1",
    "resource.coupled.list:r",
  ];
  const others = [
    "pool.b.seed-method:of another pool",
    "pool.a.resource.s.quantity:of another resource",
    "pool.a.quantity:1",
    "pool.resource.list:r",
    "pool.a.resource.r:1",
    "resource.r.quantity:1",
    "resource.list:r",
    "log.file:/var/log/looky",
    "Pool.list:z",
    "pool:a",
  ];
  const { keys, configuration } = readPools(new Conf(lines(...others, ...known)));
  const keyOf = (line: string) => line.slice(0, line.indexOf(":"));
  assertEquals([...keys].sort(), known.map(keyOf).sort());
  assertEquals(configuration.pools.map(({ name }) => name), ["a"]);
});

const SEEDS_ALLOWED = ["serial", "parallel", "weighted", "minimal"];
const MODES_ALLOWED = ["sticky", "queued", "queued-DD"];
const TIMES_ALLOWED = ["sec", "min", "h"];

/** Invalid values, their keys, and what the message must say about allowed values. */
const INVALID: [keys: string[], values: string[], allowed: string[]][] = [
  [
    ["pool.seed-method", "pool.p.seed-method"],
    ["", "random", "Serial", "serial,parallel", "0"],
    SEEDS_ALLOWED,
  ],
  [
    ["pool.distribute-mode", "pool.p.distribute-mode"],
    ["", "lifo", "queued-", "queued-0", "queued--1", "queued-2147483648", "Sticky"],
    MODES_ALLOWED,
  ],
  [
    ["pool.latency-time", "pool.p.latency-time"],
    ["", "0", "0sec", "-5", "1.5", "5d", "h", "5 fish", "1e3", "0x10"],
    TIMES_ALLOWED,
  ],
  [
    ["pool.quantity", "pool.p.resource.quantity", "pool.p.resource.r.s.quantity"],
    ["", "0", "-1", "1.5", "x", "1e3", "2147483648", "1 000"],
    ["whole number", "1"],
  ],
  [
    ["pool.list", "pool.p.resource.list", "resource.coupled.list"],
    ["a b", "a,b c", "a\tb", "a\xc2\xa0b", "a,b\xe3\x80\x80c"],
    ["white space", "comma"],
  ],
];

Deno.test("readPools() throws with line, key, value and allowed values for an invalid value", () => {
  for (const [keys, values, allowed] of INVALID) {
    for (const key of keys) {
      for (const value of values) {
        const text = ["# x", "pool.list:p", "", "pool.p.resource.list:r.s", `${key}: ${value} `];
        let error: unknown;
        try {
          read(...text);
        } catch (caught) {
          error = caught;
        }
        assert(error instanceof ConfValueError, `${key}:${value}`);
        assertEquals(error.line, 5);
        for (const word of [key, `"${value}"`, ...allowed]) {
          assertStringIncludes(error.message, word);
        }
      }
    }
  }
});

Deno.test("readPools() checks only the last value of a key", () => {
  assertEquals(read("pool.list:p", "pool.quantity:none", "pool.quantity:5").pools, [pool("p")]);
  assertEquals(read("pool.list:a b", "pool.list:p").pools, [pool("p")]);
});

/** Returns the file changed to `wanted`, or why it cannot be. */
function write(
  text: string,
  wanted: PoolsConfiguration,
): { text: string; unfit: string | undefined } {
  const conf = new Conf(text);
  const unfit = writePools(conf, wanted);
  return { text: conf.toString(), unfit };
}

const SALES = lines(
  "# The pools.",
  "pool.list:sales,admin # both",
  "pool.list:sales,admin",
  "pool.quantity:100",
  "",
  "# Sales.",
  "pool.sales.resource.list:r1,r2",
  "pool.sales.resource.r1.quantity:300",
  "color:red",
  "pool.admin.latency-time:5h",
  "pool.admin.resource.list:r1",
  "resource.coupled.list:",
  "# The end.",
);

/** Returns the pools of that file with some of them changed; undefined drops a pool. */
function sales(
  changes: Readonly<Record<string, PoolConfiguration | undefined>>,
): PoolConfiguration[] {
  const pools: Record<string, PoolConfiguration | undefined> = {
    sales: pool("sales", { r1: 300, r2: 100 }),
    admin: pool("admin", { r1: 100 }, { latencyMs: 18_000_000 }),
    ...changes,
  };
  return Object.values(pools).filter((pool) => pool !== undefined);
}

Deno.test("writePools() keeps an up-to-date file byte for byte", () => {
  for (const text of [SALES, SALES.replaceAll("\n", "\r\n"), SALES.trimEnd(), "", "a:1"]) {
    const { configuration } = readPools(new Conf(text));
    assertEquals(write(text, configuration), { text, unfit: undefined });
  }
});

Deno.test("writePools() changes one line for one change, or adds one next to related lines", () => {
  const cases: [pools: PoolConfiguration[], coupled: string[], from: string, to: string][] = [
    [sales({ sales: pool("sales", { r1: 7, r2: 100 }) }), [], "r1.quantity:300", "r1.quantity:7"],
    [
      sales({ sales: pool("sales", { r1: 300, r2: 7 }) }),
      [],
      "r1.quantity:300\n",
      "r1.quantity:300\npool.sales.resource.r2.quantity:7\n",
    ],
    [
      sales({ admin: pool("admin", { r1: 100 }, { latencyMs: 60_000 }) }),
      [],
      "latency-time:5h",
      "latency-time:60",
    ],
    [
      sales({ sales: pool("sales", { r1: 300, r2: 100 }, { mode: 7 }) }),
      [],
      "r1.quantity:300\n",
      "r1.quantity:300\npool.sales.distribute-mode:queued-7\n",
    ],
    [
      sales({ sales: pool("sales", { r1: 300, r2: 100, r3: 100 }) }),
      [],
      "list:r1,r2",
      "list:r1,r2,r3",
    ],
    [
      sales({ sales: pool("sales", { r2: 100, r1: 300 }) }),
      [],
      "list:r1,r2",
      "list:r2,r1",
    ],
    [sales({}), ["x"], "coupled.list:", "coupled.list:x"],
    [
      sales({ dev: pool("dev") }),
      [],
      "\npool.list:sales,admin\n",
      "\npool.list:sales,admin,dev\n",
    ],
  ];
  for (const [pools, coupled, from, to] of cases) {
    assertEquals(write(SALES, { pools, coupled }).text, SALES.replace(from, () => to));
  }
});

Deno.test("writePools() removes the keys of dropped pools, so that they do not apply later", () => {
  const dropped = write(SALES, { pools: sales({ admin: undefined }), coupled: [] });
  assertEquals(dropped.unfit, undefined);
  const conf = new Conf(dropped.text);
  conf.set("pool.list", "sales,admin");
  conf.set("pool.admin.resource.list", "r1");
  const { pools } = readPools(conf).configuration;
  assertEquals(pools, [pool("sales", { r1: 300, r2: 100 }), pool("admin", { r1: 100 })]);
});

Deno.test("writePools() removes unused keys that would apply to new names", () => {
  const text = lines(
    "pool.list:p",
    "pool.new.seed-method:serial",
    "pool.new.resource.quantity:5",
    "pool.p.resource.r.quantity:5",
  );
  const wanted = { pools: [pool("p", { r: 100 }), pool("new", { s: 100 })], coupled: [] };
  const written = write(text, wanted);
  assertEquals(written.unfit, undefined);
  assertEquals(read(written.text), wanted);
});

Deno.test("writePools() removes an unused resource list of a new pool", () => {
  const text = lines("pool.list:p", "pool.new.resource.list:r");
  for (const resources of [{}, { r: 100 }, { s: 100 }]) {
    const wanted = { pools: [pool("p"), pool("new", resources)], coupled: [] };
    const written = write(text, wanted);
    assertEquals(written.unfit, undefined);
    assertEquals(read(written.text), wanted);
  }
});

Deno.test("writePools() removes invalid values of unused keys", () => {
  const text = lines(
    "pool.list:p",
    "pool.new.seed-method:dice",
    "pool.new.resource.list:a b",
    "pool.p.resource.r.quantity:many",
  );
  const cases: PoolsConfiguration[] = [
    { pools: [pool("p"), pool("new")], coupled: [] },
    { pools: [pool("p", { r: 100 })], coupled: [] },
    { pools: [pool("p", { r: 5 })], coupled: [] },
  ];
  for (const wanted of cases) {
    const written = write(text, wanted);
    assertEquals(written.unfit, undefined);
    assertEquals(read(written.text), wanted);
  }
});

Deno.test("writePools() refuses names with a comma, or with a colon in a key", () => {
  const cases: [pools: PoolConfiguration[], coupled: string[], name: string][] = [
    [[pool("a,b")], [], "a,b"],
    [[pool("p", { "r,s": 100 })], [], "r,s"],
    [[pool("p")], ["r,s"], "r,s"],
    [[pool(",")], [], ","],
    [[pool("a:b", { r: 100 })], [], "a:b"],
    [[pool("a:b", {}, { seed: "serial" })], [], "a:b"],
    [[pool("p", { "r:80": 7 })], [], "r:80"],
    [[pool("p", { ":": 7 })], [], ":"],
  ];
  for (const [pools, coupled, name] of cases) {
    const { unfit } = write("pool.list:p\n", { pools, coupled });
    assertStringIncludes(unfit ?? "taken", name);
  }
});

Deno.test("writePools() writes names with a colon that are not part of a key", () => {
  const cases: PoolsConfiguration[] = [
    { pools: [pool("a:b")], coupled: [] },
    { pools: [pool("p", { "10.0.0.1:80": 100 })], coupled: ["10.0.0.1:80"] },
    { pools: [], coupled: ["x:y"] },
  ];
  for (const wanted of cases) {
    const written = write("pool.list:p\n# x\n", wanted);
    assertEquals(written.unfit, undefined);
    assertEquals(read(written.text), wanted);
  }
});

Deno.test("writePools() writes names of many dots, and very many new keys", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => [`r${i}`, i % 7 + 1]);
  const wanted = {
    pools: [pool("p", Object.fromEntries(many)), pool(".".repeat(100_000), { r: 1 })],
    coupled: [],
  };
  const written = write("pool.list:p\n", wanted);
  assertEquals(written.unfit, undefined);
  assertEquals(read(written.text), wanted);
});
