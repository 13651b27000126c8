import picomatch from "picomatch";

/**
 * Returns true if a path that a pattern matches is not data: a name below the fixed part of the pattern begins with `_` or `.`, such as the files
 * that Spark and other writers leave beside the data.
 *
 * A folder such as `_date=2024-01-01` is data, and so is a name whose first character the pattern itself spells out. Names are separated by `/`.
 *
 * @param below the path below the fixed part of the pattern
 */
export function isHiddenPath(below: string, pattern: string): boolean {
  const spelled = picomatch
    .scan(pattern)
    .glob.split("/")
    .filter((name) => /(^|[{,(|])[_.]/.test(name))
    .map((name) => picomatch(name, { dot: true }));
  return below.split("/").some((name) => isHiddenName(name) && !spelled.some((matches) => matches(name)));
}

function isHiddenName(name: string): boolean {
  return name.startsWith(".") || (name.startsWith("_") && !name.includes("="));
}
