import { spawnSync } from "node:child_process";
import { python } from "./python.js";

/** The servers there are. */
export type ServerName = "moto";

/** Says what to install for a server, and nothing when all is there. */
export function whatIsMissing(server: ServerName): string | undefined {
  return checks[server]();
}

const checks: Readonly<Record<ServerName, () => string | undefined>> = { moto: motoMissing };

function motoMissing(): string | undefined {
  const code = "import importlib.util as u, sys; sys.exit(not all(u.find_spec(name) for name in ('moto', 'flask', 'flask_cors')))";
  const found = spawnSync(python(), ["-c", code], { stdio: "ignore" }).status === 0;
  return found ? undefined : "moto is missing: pip install 'moto[server]==5.2.1'";
}
