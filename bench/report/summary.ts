import type { FiguresTable, Results, Row } from '../lib/results.js';
import { NATIVE } from '../native/name.js';
import { comparedIn, MAIN_WORKLOAD, nameInWords, nsText, timesAsFast, timesOf } from './meaning.js';

/** A ratio for a sentence. */
const times = (row: Row, other: Row): string => `${timesAsFast(row, other).toPrecision(2)} times`;

/** One call, the best batch and the peers. Undefined if the run did not measure them. */
function keyRows(run: Pick<Results, 'tables'>) {
  const compared = comparedIn(run, MAIN_WORKLOAD);
  const one = compared?.ours.get('one call');
  const [batch] = ['batch of strings', 'batch of bytes']
    .map((way) => compared?.ours.get(way as 'batch of strings'))
    .filter((row) => row !== undefined)
    .sort((a, b) => b.ratio.median - a.ratio.median);
  if (compared === undefined || one === undefined || batch === undefined) return undefined;
  return { one, batch, quickest: compared.quickest, usual: compared.usual };
}

/** The last three lines of a run. Empty if it left the main workload out. */
export function summaryOf(run: Pick<Results, 'tables'>): string[] {
  const rows = keyRows(run);
  if (rows === undefined) return [];
  const { one, batch, quickest, usual } = rows;
  const beside =
    usual === undefined || usual.name === quickest.name
      ? ''
      : ` The usual form, ${usual.name}: ${nsText(usual)}.`;
  return [
    `verify takes ${nsText(one)} a token, ${times(one, quickest)} as fast as the quickest other way measured here.`,
    `${nameInWords(batch.name).replace('totp-token ', '')}: ${nsText(batch)} a token, ${times(batch, quickest)} as fast.`,
    `That other way is ${quickest.name}: ${nsText(quickest)}.${beside}`,
  ];
}

/** The sentence at the top of the report. */
export function headlineOf(run: Pick<Results, 'tables'>): string {
  const rows = keyRows(run);
  if (rows === undefined) return 'How fast totp-token is';
  const { one, quickest } = rows;
  return `Verifying a token takes ${nsText(one)}, ${times(one, quickest)} as fast as the quickest other way`;
}

/** Three findings in words. The last one is a loss. */
export function findingsOf(run: Results, runs: readonly Results[]): string[] {
  return [batchFinding(run), runtimesFinding(runs), limitFinding(run)].filter(
    (finding) => finding !== undefined,
  );
}

function batchFinding(run: Results): string | undefined {
  const rows = keyRows(run);
  if (rows === undefined) return undefined;
  const { batch, quickest, usual } = rows;
  const beside =
    usual === undefined || usual.name === quickest.name
      ? ''
      : `, and ${times(batch, usual)} as fast as ${usual.name}, the form that most programs use`;
  return `Batches pay: ${nameInWords(batch.name)} takes ${nsText(batch)} a token. That is ${times(batch, quickest)} as fast as ${quickest.name}, the quickest other way${beside}.`;
}

function runtimesFinding(runs: readonly Results[]): string | undefined {
  const ratios = runs
    .flatMap((run) => {
      const rows = keyRows(run);
      return rows === undefined ? [] : [{ run, ratio: timesAsFast(rows.one, rows.quickest) }];
    })
    .sort((a, b) => a.ratio - b.ratio);
  const [least, most] = [ratios[0], ratios.at(-1)];
  if (least === undefined || most === undefined || least === most) return undefined;
  const text = ({ run, ratio }: typeof least) =>
    `${ratio.toPrecision(2)} in ${run.runtime.name} ${run.runtime.version}`;
  return `The runtime decides: one call is between ${text(least)} and ${text(most)} times as fast as the quickest other way there.`;
}

/** The hardware's limit, and the first verdict of a process. */
function limitFinding(run: Results): string | undefined {
  const rows = keyRows(run);
  const native = timesOf(run, MAIN_WORKLOAD)?.rows.find(({ name }) => name === NATIVE);
  const sentences: string[] = [];
  if (rows !== undefined && native !== undefined)
    sentences.push(
      `C with the processor’s SHA instructions is ${times(native, rows.batch)} as fast as our best batch.`,
    );
  const cold = run.tables.find(
    (table): table is FiguresTable => table.kind === 'figures' && table.id === 'cold-start',
  );
  const first = (pattern: RegExp) => cold?.figures.find(({ name }) => pattern.test(name))?.value;
  const ours = first(/^createVerifier to the first verdict/);
  const node = first(/^node:crypto.* made to the first verdict/);
  if (ours !== undefined && node !== undefined)
    sentences.push(
      `A new process has its first verdict ${ours.toFixed(1)} ms after createVerifier; on node:crypto that takes ${node.toFixed(1)} ms.`,
    );
  return sentences.length === 0 ? undefined : `It is not always ahead. ${sentences.join(' ')}`;
}
