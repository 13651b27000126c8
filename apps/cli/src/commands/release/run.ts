import type { CommandContext } from "../../run-command.js";

/** Ends a hold. Does nothing if the feature is not held. */
export async function release(
  { definitions, console, signal }: CommandContext,
  name: string,
  { reason }: { readonly reason?: string | undefined },
): Promise<0> {
  const { feature, version, released } = await definitions.versions.release(name, { reason, signal });
  console.print({
    document: { feature, version, released },
    text: () =>
      released
        ? `${feature}: released, ${version} is latest\nthe next build makes its version latest, or one published during the hold`
        : `${feature}: not held, ${version} is latest; nothing was changed`,
  });
  return 0;
}
