const segment = "[A-Za-z0-9_][A-Za-z0-9_.=-]*";
const fileName = new RegExp(`^${segment}(/${segment})*$`);

/** Returns true for the name of a data file in the folder of a version. The name becomes part of a key, so it must not lead out of that folder. */
export function isFileName(name: string): boolean {
  return fileName.test(name);
}
