// The prelude: what blocks of the docs take as given, by name. A block gets the names that list.ts notes for it, as
// globals, made anew for it; what it declares itself counts before them.
import { readFileSync, writeFileSync } from 'node:fs';
import * as totpToken from 'totp-token';
import { WebSocket } from 'ws';

/** The host whose keys the servers of the test know, too. */
const HOSTS = JSON.parse(readFileSync('keys.json', 'utf8')).hosts;
const { otpSeed, tokenSecret } = HOSTS['example.com'];
const JID = 'alice@example.com';
/** An instant and the code of a secret, RFC 6238 Appendix B. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** A guard on a store of marks. */
const mapGuard = (known = new Set(), clock = Date.now) => ({
  async remember(/** @type {readonly import('totp-token').ReplayMark[]} */ marks) {
    return marks.map(({ id, step, startsAtMs, expiresAtMs, keepUntilMs }) => {
      const isTimed = startsAtMs < expiresAtMs && expiresAtMs <= keepUntilMs;
      if (!isTimed || !Number.isSafeInteger(keepUntilMs)) return 'unavailable';
      if (known.has(`${step} ${id}`)) return 'replayed';
      if (expiresAtMs <= clock()) return 'stale';
      known.add(`${step} ${id}`);
      return 'fresh';
    });
  },
});

const issuer = await totpToken.createIssuer({ hosts: HOSTS });
// Made by each process: tokens are good for a minute, and a whole run may take longer.
const lines = [JID, 'bob@example.com'].map((jid) => `${jid}\t${issuer.issue(jid)}\n`);
writeFileSync('tokens.tsv', lines.join(''));

/** @type {Record<string, () => unknown>} */
export const GIVEN = {
  hosts: () => HOSTS,
  otpSeed: () => otpSeed,
  tokenSecret: () => tokenSecret,
  issuer: () => totpToken.createIssuer({ hosts: HOSTS }),
  verifier: () => totpToken.createVerifier({ hosts: HOSTS }),
  token: () => issuer.issue(JID),
  jids: () => [JID, 'bob@example.com'],
  tokens: () => [issuer.issue(JID), issuer.issue('bob@example.com')],
  bytes: () => new TextEncoder().encode(`${JID}\t${issuer.issue(JID)}\n`),
  guard: () => mapGuard(),
  old: () => mapGuard(),
  fresh: () => mapGuard(),
  gateway: async () => (await import('totp-token/gateway')).createGateway({ hosts: HOSTS }),
  openMyGuard: () => {
    const known = new Set();
    return (/** @type {() => number} */ clock) => mapGuard(known, clock);
  },
  secret: () => SECRET,
  code: () => totpToken.totp({ secret: SECRET, digits: 6 }),
  lastUsedStep: () => undefined,
  uri: () =>
    totpToken.otpauthUri({ type: 'totp', account: 'alice', issuer: 'Example', secret: SECRET }),
  count: () => () => undefined,
  login: () => (/** @type {string} */ jid) => jid,
  log: () => () => undefined,
  welcome: () => () => undefined,
  // Imported by an example that stands above.
  createVerifier: () => totpToken.createVerifier,
  verifyStream: () => totpToken.verifyStream,
  // Cases of a test runner, one after the other.
  test: () => (/** @type {string} */ _name, /** @type {() => Promise<void>} */ run) =>
    void started.push(run()),
  createReadStream: async () => (await import('node:fs')).createReadStream,
  request: () => ({ body: new Response(readFileSync('tokens.tsv')).body }),
  report: () => new WritableStream(),
  fetch: () => async () => new Response(issuer.issue('zoë@example.com')),
  textOfAuth: async () => {
    const { XToken } = await import('totp-token/xmpp');
    return btoa(new XToken().response({ username: 'alice', password: issuer.issue(JID) }));
  },
  /** Goes to the server of the test, over which the client does not see that it is not encrypted. */
  WebSocket: () =>
    class extends WebSocket {
      /** @param {string} url @param {string[]} protocols */
      constructor(url, protocols) {
        super(
          url.replace('wss://example.com/xmpp-websocket', process.env.DOCTEST_XMPP ?? ''),
          protocols,
        );
      }
    },
};

/** What a block began and does not wait for. @type {Promise<void>[]} */
export const started = [];
