/** Removes a folder that a killed process left below the first argument, and its own, and then imports a package through a symbolic link. */
import { createOwnedFolder } from "@mlforge/spec/ownership";

const own = await createOwnedFolder(process.argv[2], "work-");
await own[Symbol.asyncDispose]();
await import("apache-arrow");
