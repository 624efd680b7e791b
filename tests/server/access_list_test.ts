/** `order`, `allow` and `deny`: which hosts may use the Looky port, decided as Apache does. */
import { readAccessList } from "../../lib/server/access_list.ts";
import { Conf } from "../../lib/wire/conf.ts";
import { ConfReader, ConfValueError } from "../../lib/wire/looky_conf.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

/** Returns the hosts that these lines admit. */
function admitted(lines: readonly string[], hosts: readonly string[]): string[] {
  const access = readAccessList(new ConfReader(new Conf(lines.join("\n"))));
  return hosts.filter(access);
}

const HOSTS = [
  "127.0.0.1",
  "127.9.9.9",
  "::1",
  "10.1.2.3",
  "10.1.2.4",
  "10.1.20.3",
  "10.10.2.3",
  "11.1.2.3",
  "192.168.0.1",
  "2001:db8::1",
  "2001:db9::1",
  "fe80::1",
];

/** Returns all hosts except these. */
function allBut(...hosts: string[]): string[] {
  return HOSTS.filter((host) => !hosts.includes(host));
}

const LOCAL = ["127.0.0.1", "127.9.9.9", "::1"];
const TEN_ONE = ["10.1.2.3", "10.1.2.4", "10.1.20.3"];

Deno.test("readAccessList() admits and refuses hosts as Apache does", () => {
  const cases: [lines: string[], admitted: string[]][] = [
    // No list, or an empty deny list, admits everybody.
    [[], HOSTS],
    [["order:deny,allow"], HOSTS],
    [["allow:10.1.2.3"], HOSTS],
    // deny,allow admits hosts in neither list, and hosts in both.
    [["deny:all"], []],
    [["order:deny,allow", "deny:all"], []],
    [["deny:10.1.2.3"], allBut("10.1.2.3")],
    [["deny:all", "allow:10.1.2.3"], ["10.1.2.3"]],
    [["allow:10.1.2.3", "deny:all"], ["10.1.2.3"]],
    [["deny:10.1.", "allow:10.1.2.3"], allBut("10.1.2.4", "10.1.20.3")],
    [["deny:all", "allow:all"], HOSTS],
    // allow,deny refuses hosts in neither list, and hosts in both.
    [["order:allow,deny"], []],
    [["order:allow,deny", "deny:10.1.2.3"], []],
    [["order:allow,deny", "allow:10.1.2.3"], ["10.1.2.3"]],
    [["order:allow,deny", "allow:all"], HOSTS],
    [["order:allow,deny", "allow:all", "deny:10.1.2.3"], allBut("10.1.2.3")],
    [["order:allow,deny", "deny:10.1.2.3", "allow:10.1."], ["10.1.2.4", "10.1.20.3"]],
    [["order:allow,deny", "allow:all", "deny:all"], []],
    // The last of two equal keys wins.
    [["deny:all", "deny:10.1.2.3"], allBut("10.1.2.3")],
    [["order:allow,deny", "order:deny,allow"], HOSTS],
  ];
  for (const [lines, hosts] of cases) assertEquals(admitted(lines, HOSTS), hosts, lines.join("; "));
});

Deno.test("allow and deny take all, localhost, addresses, prefixes and networks", () => {
  const cases: [value: string, named: string[]][] = [
    ["all", HOSTS],
    ["localhost", LOCAL],
    ["127.0.0.1", ["127.0.0.1"]],
    ["::1", ["::1"]],
    ["10.1.2.3", ["10.1.2.3"]],
    ["2001:db8::1", ["2001:db8::1"]],
    ["2001:0db8:0:0::0001", ["2001:db8::1"]],
    ["10.", [...TEN_ONE, "10.10.2.3"]],
    ["10", [...TEN_ONE, "10.10.2.3"]],
    ["10.1.", TEN_ONE],
    ["10.1", TEN_ONE],
    ["10.1.2.", ["10.1.2.3", "10.1.2.4"]],
    ["1.", []],
    ["10.0.0.0/8", [...TEN_ONE, "10.10.2.3"]],
    ["10.1.2.3/16", TEN_ONE],
    ["10.1.2.3/32", ["10.1.2.3"]],
    ["10.0.0.0/7", [...TEN_ONE, "10.10.2.3", "11.1.2.3"]],
    ["10.1.2.2/31", ["10.1.2.3"]],
    ["2001:db8::/32", ["2001:db8::1"]],
    ["2001:db8::/31", ["2001:db8::1", "2001:db9::1"]],
    ["fe80::/10", ["fe80::1"]],
    ["::1/128", ["::1"]],
    ["10.1.2.3,localhost", [...LOCAL, "10.1.2.3"]],
    ["10.1.2.3 11.", ["10.1.2.3", "11.1.2.3"]],
    [" 10.1.2.3 ,\t11. , fe80::/10", ["10.1.2.3", "11.1.2.3", "fe80::1"]],
    ["all 10.1.2.3", HOSTS],
  ];
  for (const [value, named] of cases) {
    assertEquals(admitted(["order:allow,deny", `allow:${value}`], HOSTS), named, value);
    assertEquals(admitted([`deny:${value}`], HOSTS), allBut(...named), value);
  }
});

Deno.test("every blank that Go knows separates the names of allow and deny", () => {
  for (const blank of ["\t", "\v", "\xc2\xa0", "\xc2\x85", "\xe2\x80\x83", "\xe3\x80\x80"]) {
    const lines = ["order:allow,deny", `allow:${blank}10.1.2.3${blank}11.${blank}`];
    assertEquals(admitted(lines, HOSTS), ["10.1.2.3", "11.1.2.3"], JSON.stringify(blank));
  }
});

const BAD: [key: string, values: string[], allowed: string[]][] = [
  [
    "order",
    ["", "allow", "deny", "deny,allow,deny", "deny allow", "mutual-failure", "all"],
    ["deny,allow", "allow,deny"],
  ],
  [
    "allow",
    [
      "example.org",
      "localhost.localdomain",
      "10.1.2.3 example.org",
      "10.1.2.256",
      "256.",
      "10.1.2.3.4",
      "10.1.2.3/33",
      "10.1.2.3/",
      "10.1.2.3/x",
      "10.1.2.3/-1",
      "/8",
      "::1/129",
      ":",
      "2001:db8::g",
      "*",
      "10.1.*",
      "none",
    ],
    ["all", "localhost", "10.1.", "10.0.0.0/8"],
  ],
];

Deno.test("readAccessList() refuses any other value, with its line, key and allowed values", () => {
  for (const [key, values, allowed] of [...BAD, ["deny", ...BAD[1]!.slice(1)] as typeof BAD[1]]) {
    for (const value of values) {
      let error: unknown;
      try {
        admitted(["# who", `${key}: ${value}`], []);
      } catch (caught) {
        error = caught;
      }
      assert(error instanceof ConfValueError, `${key}:${value} gives ${String(error)}`);
      assertEquals(error.line, 2);
      for (const word of [key, `"${value}"`, ...allowed]) {
        assertStringIncludes(error.message, word);
      }
    }
  }
});

Deno.test("readAccessList() refuses an address with an IPv6 scope", () => {
  for (const value of ["fe80::1%eth0", "fe80::%1/10"]) {
    assertThrows(() => admitted([`deny:${value}`], []), ConfValueError);
  }
});
