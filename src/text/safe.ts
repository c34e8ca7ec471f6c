import { MAX_JID_BYTES } from '../limits.js';

/**
 * A JID as it may stand in output, or null for what may be something else in its place.
 *
 * A caller who swaps two columns puts a token where a JID belongs. A token has no `@`, and always a
 * space. Control and format characters stay out too: a line of a log must not steer the terminal
 * that shows it.
 */
export function shownJid(jid: string): string | null {
  const looksLikeOne =
    jid.length <= MAX_JID_BYTES &&
    /^[^@\s\p{Cc}\p{Cf}\p{Cs}]+@[^\s\p{Cc}\p{Cf}\p{Cs}]+$/u.test(jid);
  return looksLikeOne ? jid : null;
}

/** A file's name as it may stand in a message. */
export function shownPath(path: string): string {
  return path.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '�');
}

/** Lines of text that may hold names from outside: none of them steers the terminal. */
export function shownLines(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '�');
}

/** A name as it may stand in a command that a person copies into a shell. */
export function shownArgument(name: string): string {
  const shown = shownPath(name);
  const isPlain = /^(?!-)[\p{L}\p{N}_@%+=:,./-]+$/u.test(shown);
  return isPlain ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}

/**
 * Whether an argument is plainly the name of an option or a command, and so no secret that slipped.
 */
export function isPlainName(text: string): boolean {
  return /^(?:--)?[a-z]+(?:-[a-z]+)*$/.test(text) && text.length <= 24;
}

/**
 * The places in the stack of an error, one a line. Its message stays out: it may quote what the error
 * is about, and that may be a secret.
 */
export function stackPlaces({ stack = '', message }: Error): string[] {
  // V8 puts name and message first, and a message can have lines that look like places.
  const lines = stack.split('\n').slice(message.split('\n').length);
  return lines.filter((line) => /^\s+at /.test(line));
}

/**
 * Takes the text of the last match out of `RegExp.$_` and its kin, where all code of the realm
 * could read it: to be called after a regular expression has seen a secret or a token.
 */
export function forgetMatch(): void {
  /^/.test('');
}
