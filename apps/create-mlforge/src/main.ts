import { main } from "@mlforge/cli";

/** Runs `mlforge init` with the arguments of `npm create mlforge`. */
export async function create(args: readonly string[]): Promise<void> {
  await main(["init", ...args], {
    loadEngine: async () => {
      const { DuckDBEngine } = await import("@mlforge/engine-duckdb");
      return new DuckDBEngine();
    },
  });
}
