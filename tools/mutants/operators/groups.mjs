// What is mutated by operators, and the suites that should notice. A group is one run: its suites
// are few and quick, and run the sources in their own process, where the mutants are.

/**
 * @typedef {object} Group
 * @property {readonly string[]} files To mutate.
 * @property {readonly string[]} suites As globs; slow ones are left out.
 * @property {boolean} [isAlone] Each mutant gets a process of its own. Default: many share one,
 *   which is quicker.
 */

/** @param {string} folder @param {string} names */
const under = (folder, names) => names.split(' ').map((name) => `${folder}/${name}.ts`);

/** @type {Readonly<Record<string, Group>>} */
export const GROUPS = {
  guarded: {
    files: under('src/token', 'guarded/verifier guarded/ask-guard guarded/asked marks'),
    suites: ['test/unit/guards/guarded-*.test.ts'],
  },
  token: {
    files: under(
      'src/token',
      'verifier request batch lines ../text/lines verdict engine keyring options',
    ),
    suites: ['test/unit/token/*.test.ts', 'test/unit/guards/guarded-*.test.ts'],
  },
  otp: {
    files: under('src/otp', 'totp hotp create-totp code-window time-step'),
    suites: ['test/unit/otp/*.test.ts'],
  },
  xmpp: {
    files: under(
      'src/xmpp',
      'sasl/answer sasl/message sasl/x-token-client sasl/x-token-server prepare-jid',
    ),
    suites: [
      'test/unit/xmpp/prepare-jid.test.ts',
      'test/unit/xmpp/sasl/{x-token-*,prosody-sasl,xmpp-client}.test.ts',
    ],
  },
  gateway: {
    files: under(
      'src/gateway',
      'checker session/sessions session/jwt ../text/base64 http/credentials session/ended session/key-ids http/identity protocols/extauth protocols/sasl-attempt protocols/dovecot',
    ),
    suites: [
      'test/unit/gateway/{routes/auth,batch/batch,routes/verify,session/sessions}.test.ts',
      'test/unit/gateway/protocols/{dovecot,extauth}.test.ts',
      'test/unit/gateway/{checker,http/credentials,session/key-ids,session/jwt}.test.ts',
      'test/unit/text/base64.test.ts',
    ],
  },
  lmdb: {
    files: under('src/guards/lmdb', 'files generations guard options'),
    suites: ['test/unit/guards/lmdb/guard.test.ts'],
    // A mutant that leaves a store open crashes the process, perhaps under the next one.
    isAlone: true,
  },
  'durable-object': {
    // `ReplayShard` needs Cloudflare's runtime: test/runtimes/recipes run it as it is built.
    files: under('src/guards/durable-object', 'guard'),
    suites: ['test/unit/guards/durable-object/*.test.ts'],
  },
  redis: {
    files: [
      ...under('src/guards/redis', 'guard exchange attempts breaker'),
      ...under('src/guards', 'problems'),
    ],
    suites: ['test/servers/redis/*.test.ts'],
  },
};
