const unprintable = /[\p{Control}\p{Bidi_Control}\p{Surrogate}\p{Line_Separator}\p{Paragraph_Separator}]/gu;

/** Escapes characters that move the cursor, end the line, or change the direction of text. */
export function escapeControls(text: string): string {
  return text.replace(unprintable, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

const urls = /\b([a-z][a-z0-9+.-]{0,30}):\/\/([^\s"`<>\p{Control}]*)/giu;

/**
 * Removes user, password, query, and fragment from every URL in a text: they can be credentials.
 *
 * Outside http, a question mark is a wildcard unless it begins `?name=`, because paths of stores can be patterns.
 */
export function withoutCredentials(text: string): string {
  return text.replace(urls, (_, scheme: string, rest: string) => `${scheme}://${withoutQuery(scheme, withoutUser(rest))}`);
}

function withoutUser(rest: string): string {
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  return rest.slice(authority.lastIndexOf("@") + 1);
}

function withoutQuery(scheme: string, rest: string): string {
  // A file name can have any of these characters, and a file needs no credentials.
  if (/^file$/i.test(scheme)) return rest;
  const start = rest.search(/^https?$/i.test(scheme) ? /[?#]/ : /[?#][\w.%~-]+=/);
  if (start === -1) return rest;
  // Keeps the punctuation of the sentence that the URL ends.
  const [ending = ""] = /[)\]},;:.'\\]*$/.exec(rest) ?? [];
  return rest.slice(0, start) + ending;
}
