import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Each test file, with the processes it starts, has a cache of its own, so that no test finds what another fetched. */
const folder = mkdtempSync(join(tmpdir(), "mlforge-test-cache-"));
process.env.XDG_CACHE_HOME = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
