import type { Grid } from '../lib/grid.js';
import type { GatewayResults, Single } from './results.js';

/** What the gateway was measured to do. */
export function gatewayGrid({
  auth,
  verify,
  verifyAndReading,
  batch,
  halfLoad,
  memory,
}: GatewayResults): Grid {
  const count = (value: number) => value.toLocaleString('en');
  const against = (what: string, { gatewayPerSecond, otherPerSecond, ratio }: Single) => [
    what,
    `${count(gatewayPerSecond)} a second`,
    `${count(otherPerSecond)} a second`,
    `${ratio.toFixed(2)}×`,
  ];
  const { samplesMiB, millions, guardMiB } = memory;
  return {
    head: ['', 'gateway', 'compared with', 'ratio'],
    rows: [
      against('`GET /auth`, and an empty Hono handler', auth),
      against('`POST /v1/verify`, and an empty Hono handler', verify),
      against('`POST /v1/verify`, and a handler that reads its JSON', verifyAndReading),
      ['a batch by stream, and `verifyLines` in memory', '', '', `${batch.ratio.toFixed(2)}×`],
      [
        `an answer at ${Math.round(halfLoad.ofFull * 100)} % of full load (${count(halfLoad.perSecond)} a second), median and 99th percentile`,
        `${halfLoad.p50Us} and ${halfLoad.p99Us} µs`,
        '',
        '',
      ],
      [
        `memory over ${millions} million tokens, its guard ${guardMiB} MiB of it, least to most`,
        `${Math.min(...samplesMiB)} to ${Math.max(...samplesMiB)} MiB`,
        '',
        '',
      ],
    ],
  };
}
