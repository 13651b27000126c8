/** Splits `name@version`. The version is undefined if there is none. */
export function splitReference(reference: string): { readonly name: string; readonly version: string | undefined } {
  const at = reference.indexOf("@");
  return at === -1 ? { name: reference, version: undefined } : { name: reference.slice(0, at), version: reference.slice(at + 1) };
}
