import { expect, it } from "vitest";
import { containerMemoryLimit } from "../src/container-memory.js";

const [mebibyte, gibibyte] = [2 ** 20, 2 ** 30];

it.each([
  [512 * mebibyte, "204MiB"],
  [8 * gibibyte, "6348MiB"],
  [128 * mebibyte, "64MiB"],
])("leaves room beside DuckDB in a container of %d bytes", (constrained, limit) => {
  expect(containerMemoryLimit(constrained, 16 * gibibyte)).toBe(limit);
});

it.each([0, 16 * gibibyte, 2 ** 64])("leaves the default to DuckDB where the container allows %d bytes", (constrained) => {
  expect(containerMemoryLimit(constrained, 16 * gibibyte)).toBeUndefined();
});
