import { MAX_JID_BYTES } from '../limits.js';

/**
 * Returns a JID that is safe to show, or null if the text may be something else.
 *
 * A caller who swaps two columns puts a token where a JID belongs. A token has no `@`, and always
 * has a space. Control and format characters are refused too, because a log line must not control
 * the terminal that shows it.
 */
export function shownJid(jid: string): string | null {
  const looksLikeOne =
    jid.length <= MAX_JID_BYTES &&
    /^[^@\s\p{Cc}\p{Cf}\p{Cs}]+@[^\s\p{Cc}\p{Cf}\p{Cs}]+$/u.test(jid);
  return looksLikeOne ? jid : null;
}

/** Makes the name of a file safe to show in a message. */
export function shownPath(path: string): string {
  return path.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '�');
}

/** Makes lines of text with names from outside safe to show: they cannot control the terminal. */
export function shownLines(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '�');
}

/** Quotes a name for a command that a person copies into a shell. */
export function shownArgument(name: string): string {
  const shown = shownPath(name);
  const isPlain = /^(?!-)[\p{L}\p{N}_@%+=:,./-]+$/u.test(shown);
  return isPlain ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}

/**
 * Whether an argument is plainly the name of an option or a command, and so not a misplaced secret.
 */
export function isPlainName(text: string): boolean {
  return /^(?:--)?[a-z]+(?:-[a-z]+)*$/.test(text) && text.length <= 24;
}

/**
 * Returns the places in the stack of an error, one for each line. Leaves out the message, which may
 * quote a secret.
 */
export function stackPlaces({ stack = '', message }: Error): string[] {
  // V8 puts name and message first. A message can have lines that look like places.
  const lines = stack.split('\n').slice(message.split('\n').length);
  return lines.filter((line) => /^\s+at /.test(line));
}

/**
 * Removes the text of the last match from `RegExp.$_` and similar properties, where all code of the
 * realm could read it. Call it after a regular expression has seen a secret or a token.
 */
export function forgetMatch(): void {
  /^/.test('');
}
