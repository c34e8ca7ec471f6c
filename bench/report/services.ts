import { gatewayGrid } from '../gateway/grid.js';
import { gatewayGoals } from '../gateway/results.js';
import { connectionsGrid, dropText, guardsGrid } from '../guards/grid.js';
import type { Results } from '../lib/results.js';
import { soakGrid } from '../soak/grid.js';
import { soakGoals } from '../soak/results.js';
import { factsHtml, goalsHtml, htmlOf } from './grid.js';
import { escaped, folded } from './html.js';
import { savedGateway, savedGuards, savedSoaks } from './saved.js';

/** The title of a run. */
export const titleOf = ({ runtime, mode }: Pick<Results, 'runtime' | 'mode'>): string =>
  `${runtime.name} ${runtime.version}, ${mode} run`;

/** The newest measurements of the services, each with its goals. */
export const servicesHtml = (): string => [gatewayHtml(), guardsHtml(), soakHtml()].join('\n');

const UNMEASURED = '<p class="bad">Not measured.</p>';

function gatewayHtml(): string {
  const head = '<h2 id="gateway">The gateway</h2>';
  const gateway = savedGateway();
  if (gateway === undefined) return `${head}\n${UNMEASURED}`;
  const note =
    'Requests over 16 keep-alive connections by wrk, a token each, to the gateway as it is shipped: sessions, metrics and log. ' +
    'The other handlers are on the same server with the same limits, and take turns with it.';
  return [
    head,
    factsHtml(gateway, note),
    htmlOf(gatewayGrid(gateway)),
    folded('Goals of the gateway', goalsHtml(gatewayGoals(gateway))),
    `<p class="note">Memory after each million: ${gateway.memory.samplesMiB.join(', ')} MiB.</p>`,
  ].join('\n');
}

function guardsHtml(): string {
  const head = '<h2 id="guards">Replay guards</h2>';
  const guards = savedGuards();
  if (guards === undefined) return `${head}\n${UNMEASURED}`;
  const note =
    'Accepted tokens in a second, with the median and the 99th percentile of a call; in brackets the number of connections that did most. ' +
    '“A core”: what one processor does in a second if it does the verifier’s part and the store’s. The goal was to state these. ' +
    'What Durable Objects do in workerd on one machine says nothing of Cloudflare’s network.';
  return [
    head,
    factsHtml(guards, note),
    htmlOf(guardsGrid(guards)),
    guards.lmdbDrop === undefined ? '' : `<p>${escaped(dropText(guards.lmdbDrop))}</p>`,
    folded('Every number of connections', htmlOf(connectionsGrid(guards))),
  ].join('\n');
}

function soakHtml(): string {
  const head = '<h2 id="soak">Soak</h2>';
  const soaks = savedSoaks();
  if (soaks.length === 0) return `${head}\n${UNMEASURED}`;
  const note =
    '<p class="note">Valid, replayed, forged, altered, malformed and outdated tokens over many steps and a rotation of keys. A wrong verdict is an ' +
    'acceptance that must not be or a refusal for another reason than the right one. <code>guard-unavailable</code> is the guard failing closed.</p>';
  const runs = soaks.map((run) =>
    folded(
      `Goals of the soak with ${run.workers === 1 ? '1 worker' : `${run.workers} workers`}`,
      `${factsHtml(run)}\n${goalsHtml(soakGoals(run))}`,
    ),
  );
  return [head, note, htmlOf(soakGrid(soaks)), ...runs].join('\n');
}
