import type { Grid } from '../lib/grid.js';
import { PAIRS, type PairName } from './pairs.js';
import type { GatewayResults } from './results.js';

const count = (value: number) => value.toLocaleString('en');

/** The table of the gateway's measurements. */
export function gatewayGrid({ pairs, batch, halfLoad, memory }: GatewayResults): Grid {
  const { samplesMiB, millions, guardMiB } = memory;
  const alone = (what: string, value: string) => [what, value, '', '', ''];
  return {
    head: ['', 'measured', 'compared with', 'answers a second', 'processor time'],
    rows: [
      ...(Object.keys(PAIRS) as PairName[]).flatMap((name) => {
        const { what, otherIs } = PAIRS[name];
        const pair = pairs[name];
        if (pair === undefined) return [];
        const { one, other, ratio, cpuRatio } = pair;
        const side = ({ perSecond, cpuUs }: typeof one) =>
          `${count(perSecond)} a second, ${cpuUs} µs each`;
        const ratios = [ratio, cpuRatio].map((value) => `${value.toFixed(2)}×`);
        return [[`${what}, and ${otherIs}`, side(one), side(other), ...ratios]];
      }),
      alone('a batch by stream over `verifyLines` in memory', batchText(batch)),
      alone(
        `an answer at ${Math.round(halfLoad.ofFull * 100)} % of full load (${count(halfLoad.perSecond)} a second), median and 99th percentile`,
        `${halfLoad.p50Us} and ${halfLoad.p99Us} µs`,
      ),
      alone(
        `memory over ${millions} million tokens, its guard ${guardMiB} MiB of it, least to most`,
        `${Math.min(...samplesMiB)} to ${Math.max(...samplesMiB)} MiB`,
      ),
    ],
  };
}

function batchText({ ratio, cpuRatio }: GatewayResults['batch']): string {
  const byCpu = cpuRatio === undefined ? '' : `, by processor time ${cpuRatio.toFixed(2)}×`;
  return `${ratio.toFixed(2)}×${byCpu}`;
}
