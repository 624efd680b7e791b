/** What the text of an IP address tells. Pure. */

const V4_BYTES = 4;
const V6_BYTES = 16;
const V6_GROUP_BYTES = 2;
/** An address of IPv4 in IPv6's clothes: ten times zero, twice 0xff, and its four bytes. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Whether the address can only be this machine's own. */
export function isLoopback(host: string): boolean {
  return host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * The bytes of an IP address, 4 or 16; undefined when the text is none.
 *
 * By hand, because loading `node:net` takes the runtime longer than starting does.
 */
export function addressBytes(text: string): readonly number[] | undefined {
  return text.includes(":") ? v6Bytes(text) : v4Bytes(text);
}

/** Whether two addresses, of one version, begin with the same so many bits. */
export function beginAlike(
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

/** The same address as IPv4 has it, if it has it. */
export function unmapped(address: readonly number[]): readonly number[] {
  const isMapped = address.length === V6_BYTES && MAPPED.every((byte, i) => address[i] === byte);
  return isMapped ? address.slice(MAPPED.length) : address;
}

function v4Bytes(text: string): number[] | undefined {
  const words = text.split(".");
  const isFit = (word: string) => /^(0|[1-9]\d{0,2})$/.test(word) && Number(word) <= 0xff;
  return words.length === V4_BYTES && words.every(isFit) ? words.map(Number) : undefined;
}

function v6Bytes(text: string): number[] | undefined {
  const [head, tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  if (tail === undefined) {
    const bytes = groupBytes(head!, "end");
    return bytes?.length === V6_BYTES ? bytes : undefined;
  }
  const [before, behind] = [groupBytes(head!), groupBytes(tail, "end")];
  if (before === undefined || behind === undefined) return undefined;
  const zeros = V6_BYTES - before.length - behind.length; // "::" stands for one group at least
  return zeros < V6_GROUP_BYTES ? undefined : [...before, ...new Array(zeros).fill(0), ...behind];
}

/** Groups of up to four hexadecimal digits; the last in the whole address may be one of IPv4. */
function groupBytes(text: string, end?: "end"): number[] | undefined {
  if (text === "") return [];
  const words = text.split(":");
  const v4 = end && words.at(-1)!.includes(".") ? v4Bytes(words.pop()!) : [];
  if (v4 === undefined || !words.every((word) => /^[\da-f]{1,4}$/i.test(word))) return undefined;
  const groups = words.map((word) => parseInt(word, 16));
  return [...groups.flatMap((group) => [group >> 8, group & 0xff]), ...v4];
}
