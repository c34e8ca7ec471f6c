// A gateway as a process of its own: verifies what its parent sends, batch after batch, several at a time.
//
//   node gateway-process.mjs MODULE FUNCTION OPTIONS_AS_JSON HOSTS_AS_JSON
import { createGuardedVerifier } from '../../../dist/index.js';

const [module = '', create = '', options = '', hosts = ''] = process.argv.slice(2);
const guard = await (await import(module))[create](JSON.parse(options));
const verifier = await createGuardedVerifier({
  hosts: JSON.parse(hosts),
  guard,
  // A token stays good, and a guard is waited for, on the slowest machine.
  window: { past: 10, future: 1 },
  guardTimeoutMs: 60_000,
});

process.on(
  'message',
  async (/** @type {{ id: number, jid: string, tokens: string[] }} */ message) => {
    const { id, jid, tokens } = message;
    const verdicts = await verifier.verifyBatch(
      tokens.map(() => jid),
      tokens,
    );
    process.send?.({ id, codes: tokens.map((_, i) => verdicts.code(i)) });
  },
);
process.on('disconnect', () => process.exit());
process.send?.('ready');
