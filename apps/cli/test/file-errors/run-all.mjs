// Runs commands one after another in this process, as another user if RUN_AS is set. Reads `[{ cwd, args, tmp, cache }]` from a file, and writes to another what each printed.
import { readFileSync, writeFileSync } from "node:fs";
import { main } from "../../dist/main.js";

class Ended extends Error {}

const cells = JSON.parse(readFileSync(process.argv[2], "utf8"));
if (process.env.RUN_AS !== undefined) {
  process.setgroups([]);
  process.setgid(Number(process.env.RUN_AS));
  process.setuid(Number(process.env.RUN_AS));
}
const { exit } = process;
let written = "";
const keep = (text, ...rest) => {
  written += text;
  const done = rest.at(-1);
  if (typeof done === "function") done();
  return true;
};
for (const stream of [process.stdout, process.stderr]) stream.write = keep;
const results = [];
for (const { cwd, args, tmp, cache } of cells) {
  written = "";
  process.chdir(cwd);
  process.env.TMPDIR = tmp;
  process.env.XDG_CACHE_HOME = cache;
  const code = await new Promise((done) => {
    process.exit = (ended) => {
      done(ended ?? process.exitCode ?? 0);
      throw new Ended();
    };
    process.exitCode = undefined;
    main(args).then(
      () => done(process.exitCode ?? 0),
      (error) => {
        if (!(error instanceof Ended)) done(`threw ${error?.stack}`);
      },
    );
  });
  results.push({ code, written });
  for (const stream of [process.stdout, process.stderr]) stream.write = keep;
}
writeFileSync(process.argv[3], JSON.stringify(results));
exit(0);
