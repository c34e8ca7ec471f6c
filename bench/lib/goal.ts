/** A goal of the project, and its measurement. */
export interface Goal {
  readonly what: string;
  /** The wanted value, such as `≥ 6.5×`. `stated` if the figure is reported without a limit. */
  readonly goal: string;
  readonly unit: string;
  /** Absent if nothing was measured. */
  readonly figure?: number;
  /** Why there is no figure. */
  readonly missing?: string;
  readonly isMet: boolean;
}

/** A figure, or the reason why it is missing. */
export type Got = number | { readonly missing: string };

export const atLeast = (what: string, wanted: number, unit: string, got: Got): Goal =>
  goalOf(what, `≥ ${withUnit(wanted, unit)}`, unit, got, (figure) => figure >= wanted);

export const atMost = (what: string, wanted: number, unit: string, got: Got): Goal =>
  goalOf(what, `≤ ${withUnit(wanted, unit)}`, unit, got, (figure) => figure <= wanted);

/** A figure that is reported without a limit. */
export const stated = (what: string, unit: string, got: Got): Goal =>
  goalOf(what, 'stated', unit, got, () => true);

const withUnit = (wanted: number, unit: string): string =>
  unit === '×' ? `${wanted}×` : `${wanted.toLocaleString('en')} ${unit}`.trim();

function goalOf(
  what: string,
  goal: string,
  unit: string,
  got: Got,
  isEnough: (figure: number) => boolean,
): Goal {
  if (typeof got !== 'number') return { what, goal, unit, missing: got.missing, isMet: false };
  if (!Number.isFinite(got))
    return { what, goal, unit, missing: 'no figure came out', isMet: false };
  return { what, goal, unit, figure: got, isMet: isEnough(got) };
}
