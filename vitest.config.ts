import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps,examples}/*/test/**/*.test.ts", "test/**/*.test.ts"],
    setupFiles: ["test/own-cache.ts"],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    typecheck: {
      enabled: true,
      include: ["{packages,apps}/*/test/**/*.test-d.ts"],
      tsconfig: "tsconfig.test.json",
    },
  },
});
