export type PathPart = string | number;

/**
 * The name of a place in a keyring, as the library writes it in `VerifierError.field`:
 * `hosts["example.com"][1].otpSeed`.
 */
export function fieldPath(parts: readonly PathPart[]): string {
  return parts.map((part, depth) => segment(part, depth, parts[0])).join('');
}

function segment(part: PathPart, depth: number, root: PathPart | undefined): string {
  if (typeof part === 'number') return `[${part}]`;
  if (depth === 0) return part;
  return depth === 1 && root === 'hosts' ? `[${JSON.stringify(part)}]` : `.${part}`;
}
