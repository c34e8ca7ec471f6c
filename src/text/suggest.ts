/**
 * Returns the candidate that a misspelt name most likely means, or undefined if no candidate is
 * close.
 *
 * Close means that at most a third of the longer name's letters must be inserted, removed, changed
 * or swapped.
 */
export function closest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least && edits * 3 <= Math.max(name.length, candidate.length)) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/** Returns "; did you mean X?", or an empty text. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const candidate = closest(name, candidates);
  return candidate === undefined ? '' : `; did you mean ${candidate}?`;
}

/**
 * The number of edits from `a` to `b`. A swap of neighbours counts as one edit: optimal string
 * alignment.
 */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, rows[i - 2]![j - 2]! + 1);
      }
      row.push(edits);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
