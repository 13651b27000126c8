/** Owns a folder below the first argument, prints its path, and lives until it is killed. */
import { createOwnedFolder } from "@mlforge/spec/ownership";

const { path } = await createOwnedFolder(process.argv[2], "work-");
process.stdout.write(`${path}\n`);
setInterval(() => {}, 1_000);
