import { readFileSync } from "node:fs";
import type { ProjectChoice } from "./project.js";

/** Version ranges of other packages that a project needs. A test compares them with those of the workspace. */
const outsideRanges = {
  "@aws-sdk/client-s3": "^3.1169.0",
  "@aws-sdk/lib-storage": "^3.1169.0",
  "@types/node": "^20.19.43",
  typescript: "~6.0.3",
} as const;

/** Returns the text of `package.json`, with the mlforge versions that this command was released with. */
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
 * Returns a function that finds the range of a package in this command's own package.json. Packing writes the tested versions there. In
 * the workspace all packages have one version, so it uses the version of this command.
 */
function ownRanges(): (name: string) => string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
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
