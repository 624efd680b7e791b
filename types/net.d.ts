/** The face of `@std/net`, as far as it is used here: npm's republication has no types. */
export function getAvailablePort(options?: { preferredPort?: number }): number;
