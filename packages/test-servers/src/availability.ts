import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { python } from "./python.js";

/** The servers there are. */
export type ServerName = "moto" | "radosgw";

/** Says what to install for a server, and nothing when all is there. */
export function whatIsMissing(server: ServerName): string | undefined {
  return checks[server]();
}

const checks: Readonly<Record<ServerName, () => string | undefined>> = { moto: motoMissing, radosgw: radosgwMissing };

function motoMissing(): string | undefined {
  const code = "import importlib.util as u, sys; sys.exit(not all(u.find_spec(name) for name in ('moto', 'flask', 'flask_cors')))";
  const found = spawnSync(python(), ["-c", code], { stdio: "ignore" }).status === 0;
  return found ? undefined : "moto is missing: pip install 'moto[server]==5.2.1'";
}

function radosgwMissing(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const programs = ["radosgw", "radosgw-admin", "ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool"];
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  if (missing.length === 0) return undefined;
  return `${missing.join(", ")} missing: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common`;
}
