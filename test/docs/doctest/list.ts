/**
 * How each code block of the docs is tested. One that stands in no list and is JavaScript, JSON or
 * TOML is run or read as it stands, with nothing given; any other that stands in no list fails.
 */
export interface Entry {
  readonly file: string;
  /** A text that one block of that file holds, and no other. */
  readonly has: string;
  /**
   * Names of given.mjs that the block takes as given; of a transcript: the files that are there.
   */
  readonly given?: readonly string[];
  /** Texts that are replaced before the block is run: a path or a port of a real server. */
  readonly replaced?: Readonly<Record<string, string>>;
  /** Whether its WebSocket leads to the XMPP server of the test. */
  readonly isOnline?: boolean;
  /** The block is lines for a shell, although its fence does not say so. */
  readonly isTranscript?: boolean;
  /** The block asks a running gateway about `tokens.tsv`, and gets this answer. */
  readonly asksFor?: RegExp;
  /** The suite that runs it. */
  readonly runBy?: string;
  /** The reason why nothing runs the block. */
  readonly notRun?: string;
}

const names = (text: string) => text.split(' ');

const SERVER = { '/etc/totp-token/': '', '127.0.0.1:28484': '127.0.0.1:0' };
const FOLDER = { '/var/lib/totp-token': 'guard' };
const RECIPES = 'test/runtimes/recipes/recipes.slow.test.ts';
const CONSUMER = 'test/package/consumer.test.ts';
const BUNDLERS = 'test/package/bundlers.slow.test.ts';
const JEST = 'test/package/jest.slow.test.ts';
const FAKED = 'test/unit/pool/fake-timers.test.ts';
const MEASURING = 'it measures for minutes; by hand';

const README: readonly Omit<Entry, 'file'>[] = [
  { has: '└ OTP', runBy: 'test/docs/readme.test.ts' },
  { has: 'npm install', notRun: 'test/package/consumer.test.ts installs the package' },
  { has: 'renderSVG', given: names('code lastUsedStep') },
];

const GUIDES: readonly Entry[] = [
  { file: 'docs/options.md', has: 'await createVerifier', given: names('hosts') },
  { file: 'docs/runtimes.md', has: 'await createVerifier', given: names('hosts') },
  { file: 'docs/xmpp.md', has: 'xmpp.saslFactory', given: names('fetch'), isOnline: true },
  {
    file: 'docs/releasing.md',
    has: 'check-release',
    notRun: 'test/package/release.test.ts runs the tool, on trees of its own',
  },
  { file: 'docs/releasing.md', has: '"repository"', notRun: 'the lines are for the owner' },
  { file: 'docs/bundlers.md', has: '// pool-worker.js', runBy: CONSUMER },
  { file: 'docs/bundlers.md', has: '{ hosts, worker }', runBy: CONSUMER },
  { file: 'docs/bundlers.md', has: 'const worker = () =>', runBy: BUNDLERS },
  { file: 'docs/bundlers.md', has: 'node --experimental-vm-modules', runBy: JEST },
  { file: 'docs/bundlers.md', has: 'vi.useFakeTimers', runBy: FAKED },
  {
    file: 'docs/bundlers.md',
    has: 'JSON.stringify(issuer)',
    given: names('verifier jids tokens issuer'),
  },
  { file: 'docs/edge.md', has: '// worker.js', runBy: RECIPES },
  { file: 'docs/edge.md', has: '"durable_objects"', runBy: RECIPES },
  { file: 'docs/edge.md', has: '// deno.js', runBy: RECIPES },
  { file: 'docs/edge.md', has: 'deno run', runBy: RECIPES },
  { file: 'docs/edge.md', has: '// bun.js', runBy: RECIPES },
  { file: 'docs/edge.md', has: 'bun bun.js', runBy: RECIPES },
  { file: 'docs/edge.md', has: '// api/', runBy: RECIPES },
  { file: 'docs/browsers.md', has: '<form', runBy: 'test/servers/browsers.slow.test.ts' },
  {
    file: 'docs/browsers.md',
    has: "fetch('/data')",
    notRun: 'it runs in a page; test/servers/browsers.slow.test.ts does the same',
  },
  {
    file: 'docs/browsers.md',
    has: "method: 'DELETE'",
    notRun: 'it runs in a page; test/unit/gateway/session/sessions.test.ts asks the same',
  },
  {
    file: 'docs/gateway.md',
    has: 'nginx -t',
    notRun: 'it changes the machine; test/servers/proxies.test.ts runs the recipe',
  },
  {
    file: 'docs/gateway.md',
    has: 'curl -i -u',
    notRun: 'test/servers/proxies.test.ts asks nginx the same',
  },
  { file: 'docs/gateway.md', has: '"startupWait"', notRun: 'an answer of /readyz' },
  { file: 'docs/gateway.md', has: 'gateway --dev', given: names('keys.json gateway.toml') },
  {
    file: 'docs/gateway.md',
    has: '/v1/verify/batch',
    isTranscript: true,
    asksFor: /"line":1,"ok":true.*"line":2,"ok":true/s,
  },
  { file: 'docs/gateway.md', has: 'await createGateway', given: names('otpSeed tokenSecret') },
  { file: 'docs/runbook.md', has: '/sessions/revoke', runBy: 'test/unit/server/operators.test.ts' },
  { file: 'docs/operating.md', has: 'keys rotate --keys', given: names('keys.json') },
  { file: 'docs/operating.md', has: 'keys remove --keys', given: names('keys.json') },
  {
    file: 'docs/operating.md',
    has: 'check-config --config',
    given: names('keys.json gateway.toml'),
  },
  { file: 'docs/operating.md', has: 'systemd-sysusers', notRun: 'it changes the machine' },
  { file: 'docs/operating.md', has: 'Groups=www-data', runBy: 'test/docs/deployment.test.ts' },
  { file: 'docs/operating.md', has: 'Groups=redis', runBy: 'test/docs/deployment.test.ts' },
  { file: 'docs/prosody.md', has: 'Wants=totp-token', runBy: 'test/docs/deployment.test.ts' },
  { file: 'docs/guards.md', has: 'createLmdbGuard', given: names('hosts'), replaced: FOLDER },
  {
    file: 'docs/guards.md',
    has: 'createRedisQuorumGuard',
    runBy: 'test/servers/redis/quorum.test.ts',
  },
  { file: 'docs/guards.md', has: 'const both', given: names('old fresh') },
  {
    file: 'docs/guards-own.md',
    has: 'guardConformance',
    runBy: 'test/docs/guard-example.test.ts',
  },
  {
    file: 'docs/ejabberd.md',
    has: 'auth:alice',
    isTranscript: true,
    replaced: { ...SERVER, '"$token"': 'TOKEN' },
  },
  { file: 'docs/prosody.md', has: 'keygen', isTranscript: true, replaced: SERVER },
  {
    file: 'docs/prosody.md',
    has: 'totp-token issue',
    isTranscript: true,
    replaced: SERVER,
    given: names('keys.json'),
  },
  {
    file: 'docs/prosody.md',
    has: 'totp-token gateway',
    isTranscript: true,
    replaced: SERVER,
    given: names('keys.json'),
  },
];

const LIBRARY: readonly Omit<Entry, 'file'>[] = [
  {
    has: 'npm install',
    notRun:
      'test/package/consumer.test.ts installs the package, test/unit/cli/keygen.test.ts makes keys',
  },
  { has: 'function login', given: names('token log') },
  { has: 'await createIssuer({ hosts });', given: names('hosts') },
  { has: 'createServer', given: names('login') },
  { has: 'createHmac, hmacSha256', given: names('secret') },
  { has: 'createLmdbGuard', given: names('hosts token log') },
  { has: 'verifyBatch', given: names('verifier jids tokens bytes') },
  { has: 'createVerifierPool', given: names('hosts log') },
  { has: 'setHost', given: names('verifier hosts issuer') },
  { has: 'let nowMs', given: names('hosts') },
];

const TOTP: readonly Omit<Entry, 'file'>[] = [
  { has: 'renderSVG', given: names('secret') },
  { has: 'RateLimiterMemory', given: names('secret') },
];

const MOVING = [
  'lua5.4 keys-of-prosody.lua',
  'totp-token verify',
  '[dovecot]',
  'totp-token gateway',
  'beta.example.com',
  'token_secret = "another secret"',
  'service_name = "example.org"',
].map((has) => ({
  file: 'docs/moving-from-mod_auth_token.md',
  has,
  runBy: 'test/servers/moving.test.ts',
}));

const PAPERS: readonly Entry[] = [
  { file: 'docs/core.md', has: 'stamp u64', notRun: 'a drawing of memory' },
  { file: 'docs/names.md', has: 'prepareJid', given: names('hosts') },
  { file: 'bench/README.md', has: 'npm run bench  ', notRun: MEASURING },
  { file: 'bench/README.md', has: 'npm run bench:gateway', notRun: MEASURING },
  { file: 'bench/README.md', has: 'npm run soak', notRun: MEASURING },
  { file: 'bench/README.md', has: 'npm run ct  ', notRun: MEASURING },
];

const ISSUERS = [
  'import base64',
  '<?php',
  'require "securerandom"',
  'package main',
  'use Digest::SHA',
  'public class IssueToken',
  'using System.Security',
  'local function sha256',
  'require "util.hashes"',
  'openssl dgst',
].map((has) => ({ file: 'docs/issuing.md', has, runBy: 'test/docs/issuing.test.ts' }));

const EXAMPLES: readonly Entry[] = [
  { file: 'src/gateway/gateway.ts', has: 'createGateway', given: names('otpSeed tokenSecret') },
  { file: 'src/gateway/gateway.ts', has: 'gateway.authenticate', given: names('gateway') },
  { file: 'src/token/issuer.ts', has: 'createIssuer', given: names('otpSeed tokenSecret') },
  { file: 'src/token/verifier.ts', has: 'welcome()', given: names('verifier token welcome log') },
  {
    file: 'src/token/verifier.ts',
    has: 'createVerifier',
    given: names('otpSeed tokenSecret token'),
  },
  {
    file: 'src/token/stream/stream.ts',
    has: 'pipeThrough',
    given: names('request verifier report'),
  },
  {
    file: 'src/token/stream/stream.ts',
    has: 'verifyStream',
    given: names('verifier createReadStream count'),
  },
  {
    file: 'src/token/guarded/verifier.ts',
    has: 'createRedisGuard',
    given: names('hosts guard token'),
    replaced: { 'await createRedisGuard({ url })': 'guard' },
  },
  { file: 'src/otp/base32.ts', has: 'decodeBase32', runBy: 'test/unit/otp/base32.test.ts' },
  { file: 'src/otp/create-totp.ts', has: 'using totp', given: names('secret code lastUsedStep') },
  {
    file: 'src/xmpp/sasl/x-token-client.ts',
    has: 'client({',
    runBy: 'test/unit/xmpp/sasl/xmpp-client.test.ts',
  },
  {
    file: 'src/xmpp/sasl/x-token-client.ts',
    has: "(await fetch('/xmpp-token'))",
    given: names('fetch'),
  },
  { file: 'src/xmpp/sasl/x-token-server.ts', has: 'attempt', given: names('verifier textOfAuth') },
  { file: 'src/guards/durable-object/guard.ts', has: 'ReplayShard', runBy: RECIPES },
  {
    file: 'src/guards/redis/guard.ts',
    has: 'createRedisGuard',
    runBy: 'test/servers/redis/access.test.ts',
  },
  {
    file: 'src/guards/redis/quorum.ts',
    has: 'createRedisQuorumGuard',
    runBy: 'test/servers/redis/quorum.test.ts',
  },
  {
    file: 'src/guards/quorum.ts',
    has: 'createQuorumGuard',
    runBy: 'test/servers/redis/quorum.test.ts',
  },
  {
    file: 'src/guards/lmdb/guard.ts',
    has: 'createLmdbGuard',
    given: names('hosts'),
    replaced: FOLDER,
  },
  {
    file: 'src/guards/conformance.ts',
    has: 'createRedisGuard',
    runBy: 'test/servers/redis/conformance.test.ts',
  },
  { file: 'src/pool/pool.ts', has: 'createVerifierPool', given: names('hosts bytes') },
];

export const LIST: readonly Entry[] = [
  ...README.map((entry) => ({ file: 'README.md', ...entry })),
  ...GUIDES,
  ...LIBRARY.map((entry) => ({ file: 'docs/library.md', ...entry })),
  ...TOTP.map((entry) => ({ file: 'docs/totp.md', ...entry })),
  ...MOVING,
  ...PAPERS,
  ...ISSUERS,
  ...EXAMPLES,
];
