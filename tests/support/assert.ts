/** The assertions that tests use, with their types. */
// @ts-types="../../types/assert.d.ts"
export * from "@std/assert";
