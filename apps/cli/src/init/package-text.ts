import { readFileSync } from "node:fs";
import type { ProjectChoice } from "./project.js";

/** What the packages of a project need beside them. A test compares these with what the workspace itself uses. */
const outsideRanges = {
  "@aws-sdk/client-s3": "^3.1169.0",
  "@aws-sdk/lib-storage": "^3.1169.0",
  "@types/node": "^20.19.43",
  typescript: "~6.0.3",
} as const;

/** The text of `package.json`: packages of mlforge in the versions that this command was made with. */
export function packageText({ name, store }: ProjectChoice): string {
  const range = ownRanges();
  const dependencies = [
    "@mlforge/cli",
    "@mlforge/core",
    "@mlforge/engine-duckdb",
    "@mlforge/store-local",
    ...(store.kind === "s3" ? ["@mlforge/store-s3", "@aws-sdk/client-s3", "@aws-sdk/lib-storage"] : []),
    "apache-arrow",
  ];
  const manifest = {
    name,
    version: "0.0.0",
    private: true,
    type: "module",
    engines: { node: ">=20.20.0" },
    scripts: { build: "mlforge build", plan: "mlforge plan", typecheck: "tsc --noEmit" },
    dependencies: Object.fromEntries(dependencies.sort().map((each) => [each, range(each)])),
    devDependencies: { "@types/node": range("@types/node"), typescript: range("typescript") },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/**
 * The range of a package: what this command's own package.json says. Packing writes the versions there that it was tested with; in the
 * workspace, where all have one version, it is this command's own.
 */
function ownRanges(): (name: string) => string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const sections = ["dependencies", "devDependencies", "peerDependencies"].map((section) => property(manifest, section));
  return (name) => {
    const stated = [outsideRanges, ...sections].map((section) => property(section, name)).find((range) => typeof range === "string");
    if (name === "@mlforge/cli" || typeof stated !== "string" || stated.startsWith("workspace:"))
      return `^${String(property(manifest, "version"))}`;
    return stated;
  };
}

function property(holder: unknown, name: string): unknown {
  if (typeof holder !== "object" || holder === null) return undefined;
  return Object.entries(holder).find(([key]) => key === name)?.[1];
}
