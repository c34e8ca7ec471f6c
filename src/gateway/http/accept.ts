/**
 * Rank of a media type in an `Accept` header: the quality of the most specific range that matches
 * it, and how specific that range is.
 */
interface Rank {
  readonly quality: number;
  /** 2: the full type, 1: `type/*`, 0: the range for any type, -1: no match. */
  readonly exactness: number;
}

/**
 * Whether an `Accept` header prefers one media type to another (RFC 9110 §12.5.1). If both have the
 * same quality, the more specific range wins. `q=0` means not acceptable.
 */
export function prefers(accept: string | null, type: string, other: string): boolean {
  if (accept === null) return false;
  const [a, b] = [rankOf(accept, type), rankOf(accept, other)];
  return (
    a.quality > b.quality || (a.quality === b.quality && a.quality > 0 && a.exactness > b.exactness)
  );
}

function rankOf(accept: string, type: string): Rank {
  const ranges = ['*/*', `${type.split('/', 1)[0]}/*`, type];
  let rank: Rank = { quality: 0, exactness: -1 };
  for (const part of accept.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim());
    const exactness = ranges.indexOf(range);
    if (exactness > rank.exactness) rank = { quality: qualityOf(parameters), exactness };
  }
  return rank;
}

/** The value of `q`. 1 if there is no `q`, 0 if it is malformed. */
function qualityOf(parameters: readonly string[]): number {
  const q = parameters.find((text) => text.startsWith('q='));
  if (q === undefined) return 1;
  return /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0;
}
