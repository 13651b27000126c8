import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { postgresFolder } from "./postgres.js";
import { python } from "./python.js";

/** The dependencies that a test can require: a server, or `tables`, the Python packages that write Parquet, CSV, and NDJSON like other tools. */
export type ServerName = "moto" | "radosgw" | "postgres" | "tables";

/** Returns what to install for a server, or undefined if nothing is missing. */
export function whatIsMissing(server: ServerName): string | undefined {
  return checks[server]();
}

const checks: Readonly<Record<ServerName, () => string | undefined>> = {
  moto: () => (hasModules("moto", "flask", "flask_cors") ? undefined : "moto is missing: pip install 'moto[server]==5.2.1'"),
  radosgw: radosgwMissing,
  postgres: () => (postgresFolder() === undefined ? "PostgreSQL is missing: apt-get install postgresql" : undefined),
  tables: () => {
    const packages = ["pyarrow", "pandas", "polars", "fastparquet", "zstandard"];
    return hasModules(...packages) ? undefined : `Python packages are missing: pip install ${packages.join(" ")}`;
  },
};

function hasModules(...names: readonly string[]): boolean {
  const code = "import importlib.util as u, sys; sys.exit(not all(u.find_spec(name) for name in sys.argv[1:]))";
  return spawnSync(python(), ["-I", "-c", code, ...names], { stdio: "ignore" }).status === 0;
}

function radosgwMissing(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const programs = ["radosgw", "radosgw-admin", "ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool"];
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  if (missing.length === 0) return undefined;
  return `${missing.join(", ")} missing: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common`;
}
