/** The assertions used in the tests, with their types. */
// @ts-types="../../types/assert.d.ts"
export * from "@std/assert";
