import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { publicPackages, root } from "./workspace.js";

const run = promisify(execFile);

/** Packs every published package into a folder, as a release would. */
export async function packAll(folder: string): Promise<void> {
  const filters = publicPackages.flatMap((each) => ["--filter", `./${each.folder}`]);
  await run(process.execPath, ["scripts/pnpm.mjs", ...filters, "-r", "pack", "--pack-destination", folder], { cwd: root });
}

/** The tarball of a package in the folder it was packed into. */
export function tarballIn(folder: string, name: string): string {
  const version = publicPackages.find(({ manifest }) => manifest.name === name)?.manifest.version;
  return join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
}
