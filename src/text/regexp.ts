/**
 * Takes the text of the last match out of `RegExp.$_` and its kin, where all code of the realm could read it: to be called after a
 * regular expression has seen a secret or a token.
 */
export function forgetMatch(): void {
  /^/.test('');
}
