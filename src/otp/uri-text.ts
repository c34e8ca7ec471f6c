import { optionError } from '../errors.js';

/**
 * The most characters of a URI. Each character of a name may take nine, and the issuer occurs
 * twice. The secret takes 6554.
 */
const MAX_URI_CHARS = 65_536;

/**
 * Refuses a text that is too long before anything reads it.
 *
 * @throws {VerifierError} `ERR_OPTION`.
 */
export function checkUriLength(uri: unknown): void {
  if (typeof uri === 'string' && uri.length > MAX_URI_CHARS) {
    throw optionError('uri', `${uri.length} characters`, `hand in one of ${MAX_URI_CHARS} at most`);
  }
}

/** Whether a value is a text that begins with `scheme://`, in upper or lower case. */
export function isOfScheme(uri: unknown, scheme: string): uri is string {
  const start = `${scheme}://`;
  return typeof uri === 'string' && uri.slice(0, start.length).toLowerCase() === start;
}

/** Returns a text up to a character, or all of it if the character is missing. */
export function before(text: string, char: string): string {
  const at = text.indexOf(char);
  return at < 0 ? text : text.slice(0, at);
}

/** Removes U+0020 at both ends. Other white space may be part of a name. */
export function withoutOuterSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (text[start] === ' ') start++;
  while (end > start && text[end - 1] === ' ') end--;
  return text.slice(start, end);
}

/** Decodes percent-encoded UTF-8, RFC 3986 §2.1. A `+` stays a plus. */
export function percentDecoded(text: string, field: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw optionError(field, 'not UTF-8 in percent-encoding', 'encode it as RFC 3986 §2.1 says');
  }
}
