/** IP addresses as text and bytes, compared with Node's. */
import { BlockList, isIP } from "node:net";
import { addressBytes, haveSamePrefix, unmapped } from "../../lib/wire/ip_address.ts";
import { assertEquals } from "../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../support/random.ts";

Deno.test("addressBytes() returns the bytes of an address", () => {
  const zeros = (count: number): number[] => new Array(count).fill(0);
  const cases: [text: string, bytes: number[] | undefined][] = [
    ["0.0.0.0", [0, 0, 0, 0]],
    ["255.10.2.1", [255, 10, 2, 1]],
    ["::", zeros(16)],
    ["::1", [...zeros(15), 1]],
    ["fE80::", [0xfe, 0x80, ...zeros(14)]],
    ["1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ["1:2:3:4:5:6:7::", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
    ["2001:db8::1.2.3.4", [0x20, 1, 0x0d, 0xb8, ...zeros(8), 1, 2, 3, 4]],
    ["::ffff:1.2.3.4", [...zeros(10), 255, 255, 1, 2, 3, 4]],
    ["01.2.3.4", undefined],
    ["1:2:3:4:5:6:7::8", undefined],
    ["1.2.3.4::", undefined],
    ["fe80::1%eth0", undefined],
  ];
  for (const [text, bytes] of cases) assertEquals(addressBytes(text), bytes, text);
});

const PIECES = [
  "::",
  ":",
  ":",
  ".",
  ".",
  "0",
  "1",
  "10",
  "255",
  "256",
  "ffff",
  "Db8",
  "01",
  "g",
  "",
];

Deno.test("addressBytes() accepts the texts that Node accepts", () => {
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let i = 0; i < 20_000; i++) {
      const of = () => pick(random, PIECES);
      const text = below(random, 2) === 0
        ? Array.from({ length: 1 + below(random, 16) }, of).join("")
        : Array.from({ length: 1 + below(random, 9) }, of).join(pick(random, [":", "."]));
      const length = { 0: undefined, 4: 4, 6: 16 }[isIP(text)];
      assertEquals(addressBytes(text)?.length, length, `${text} (seed ${seed})`);
    }
  }
});

Deno.test("haveSamePrefix() finds an address in the networks where Node finds it", () => {
  const words = ["0", "1", "7f", "80", "ff", "a0ff", "ffff"];
  for (const seed of someSeeds()) {
    const random = seededRandom(seed);
    for (let i = 0; i < 2_000; i++) {
      const version = pick(random, ["ipv4", "ipv6"] as const);
      const [count, between] = version === "ipv4" ? [4, "."] : [8, ":"];
      const word = () => {
        const value = parseInt(pick(random, words), 16);
        return version === "ipv4" ? String(value & 0xff) : value.toString(16);
      };
      const first = Array.from({ length: count }, word);
      const other = first.map((same) => below(random, 8) === 0 ? word() : same);
      const [network, host] = [first.join(between), other.join(between)];
      const bits = below(random, 1 + (version === "ipv4" ? 32 : 128));
      const list = new BlockList();
      list.addSubnet(network, bits, version);
      const got = haveSamePrefix(addressBytes(network)!, addressBytes(host)!, bits);
      assertEquals(got, list.check(host, version), `${host} in ${network}/${bits} (seed ${seed})`);
    }
  }
});

Deno.test("haveSamePrefix() is false across versions; unmapped() converts IPv4-mapped addresses", () => {
  const [v4, v6] = [addressBytes("10.1.2.3")!, addressBytes("::ffff:a01:203")!];
  assertEquals(haveSamePrefix(v4, v6, 0), false);
  assertEquals(unmapped(v6), v4);
  assertEquals(unmapped(v4), v4);
  assertEquals(unmapped(addressBytes("::fffe:a01:203")!).length, 16);
});
