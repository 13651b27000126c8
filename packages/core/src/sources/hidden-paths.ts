import picomatch from "picomatch";

/**
 * Whether a path that a pattern matches is no data: some name below the fixed part of the pattern begins with `_` or `.`, as what Spark and other writers
 * leave beside the data.
 *
 * A folder such as `_date=2024-01-01` is data, and so is a name that the pattern itself spells with its first character. Names are separated by `/`.
 *
 * @param below The path below the fixed part of the pattern.
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
