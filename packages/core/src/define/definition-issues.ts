import { type DefinitionIssue, isMlforgeError, MlforgeError } from "@mlforge/spec";

/** Collects the problems of definitions to report them all at once. */
export class DefinitionIssues {
  readonly #issues: DefinitionIssue[] = [];
  #cause: unknown;

  get any(): boolean {
    return this.#issues.length > 0;
  }

  get issues(): readonly DefinitionIssue[] {
    return this.#issues;
  }

  /** The first error that became an issue. */
  get cause(): unknown {
    return this.#cause;
  }

  add(path: string, message: string): void {
    this.#issues.push({ path, message });
  }

  addAll({ issues, cause }: { readonly issues: readonly DefinitionIssue[]; readonly cause: unknown }): void {
    this.#issues.push(...issues);
    this.#cause ??= cause;
  }

  /** Runs `body`. Errors that it throws become issues at `path` or below it. */
  collect<T>(path: string, body: () => T): T | undefined {
    try {
      return body();
    } catch (error) {
      this.#cause ??= error;
      if (isMlforgeError(error, "DEFINITION_INVALID")) {
        for (const issue of error.details.issues) this.add(`${path}.${issue.path}`, issue.message);
      } else {
        this.add(path, error instanceof Error ? error.message : String(error));
      }
      return undefined;
    }
  }

  /** Throws if any issue was added. @throws DEFINITION_INVALID */
  check(): void {
    const [first] = this.#issues;
    if (first === undefined) return;
    const options = this.#cause === undefined ? {} : { cause: this.#cause };
    throw new MlforgeError("DEFINITION_INVALID", summary(this.#issues), { issues: [...this.#issues] }, options);
  }
}

/** Creates an error with one issue. */
export function definitionInvalid(path: string, message: string): MlforgeError<"DEFINITION_INVALID"> {
  return new MlforgeError("DEFINITION_INVALID", message, { issues: [{ path, message }] });
}

function summary(issues: readonly DefinitionIssue[]): string {
  const lines = issues.map(({ path, message }) => `${path}: ${message}`);
  return lines.length === 1 ? lines.join("") : `the definitions have ${lines.length} problems: ${lines.join("; ")}`;
}
