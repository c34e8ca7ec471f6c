/**
 * A table before it is written as HTML or as Markdown. The first column is text, the others are
 * figures.
 */
export interface Grid {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
