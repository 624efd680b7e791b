/** IP addresses as text and as bytes. Pure. */

const V4_BYTES = 4;
const V6_BYTES = 16;
const V6_GROUP_BYTES = 2;
/** The prefix of an IPv4-mapped IPv6 address, before the four bytes of the IPv4 address. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Returns whether the address can only belong to this machine. */
export function isLoopback(host: string): boolean {
  return host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Returns the 4 or 16 bytes of an IP address; undefined when the text is not one.
 *
 * Does not use `node:net`, because loading it takes longer than the rest of the start-up.
 */
export function addressBytes(text: string): readonly number[] | undefined {
  return text.includes(":") ? v6Bytes(text) : v4Bytes(text);
}

/** Returns whether two addresses have the same version and the same first `bits`. */
export function haveSamePrefix(
  one: readonly number[],
  other: readonly number[],
  bits: number,
): boolean {
  if (one.length !== other.length) return false;
  return one.every((byte, i) => {
    const rest = 8 - Math.min(8, Math.max(0, bits - 8 * i));
    return byte >> rest === other[i]! >> rest;
  });
}

/** Returns the IPv4 address of an IPv4-mapped one, and any other address unchanged. */
export function unmapped(address: readonly number[]): readonly number[] {
  const isMapped = address.length === V6_BYTES && MAPPED.every((byte, i) => address[i] === byte);
  return isMapped ? address.slice(MAPPED.length) : address;
}

function v4Bytes(text: string): number[] | undefined {
  const words = text.split(".");
  const isByte = (word: string) => /^(0|[1-9]\d{0,2})$/.test(word) && Number(word) <= 0xff;
  return words.length === V4_BYTES && words.every(isByte) ? words.map(Number) : undefined;
}

function v6Bytes(text: string): number[] | undefined {
  const [head, tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  if (tail === undefined) {
    const bytes = groupBytes(head!, "end");
    return bytes?.length === V6_BYTES ? bytes : undefined;
  }
  const [before, after] = [groupBytes(head!), groupBytes(tail, "end")];
  if (before === undefined || after === undefined) return undefined;
  const zeros = V6_BYTES - before.length - after.length; // "::" replaces at least one group
  return zeros < V6_GROUP_BYTES ? undefined : [...before, ...new Array(zeros).fill(0), ...after];
}

/** Reads groups of up to four hexadecimal digits; with "end", the last may be an IPv4 address. */
function groupBytes(text: string, end?: "end"): number[] | undefined {
  if (text === "") return [];
  const words = text.split(":");
  const v4 = end && words.at(-1)!.includes(".") ? v4Bytes(words.pop()!) : [];
  if (v4 === undefined || !words.every((word) => /^[\da-f]{1,4}$/i.test(word))) return undefined;
  const groups = words.map((word) => parseInt(word, 16));
  return [...groups.flatMap((group) => [group >> 8, group & 0xff]), ...v4];
}
