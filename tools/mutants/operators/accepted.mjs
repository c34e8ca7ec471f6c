// Mutants that no test can or need notice, each with its reason.
/** @typedef {import('./score.mjs').Survivor} Survivor */

/**
 * @param {string} file
 * @param {string} why
 * @param {readonly (readonly [line: string, from: string, to: string])[]} mutants
 * @returns {(Survivor & { readonly why: string })[]}
 */
const accepted = (file, why, mutants) =>
  mutants.map(([line, from, to]) => ({ file, why, line, from, to }));

/** @type {readonly (Survivor & { readonly why: string })[]} */
export const ACCEPTED = [
  ...accepted(
    'src/text/base64.ts',
    'a short cut: ASCII decodes to itself, and what is not has bytes that are no ASCII',
    [
      [
        'if (!/[\\x80-\\xff]/.test(binary)) return binary;',
        '!/[\\x80-\\xff]/.test(binary)',
        'false',
      ],
      ['if (!/[\\x80-\\xff]/.test(binary)) return binary;', '/[\\x80-\\xff]/', '/[^\\x80-\\xff]/'],
    ],
  ),
  ...accepted(
    'src/gateway/http/credentials.ts',
    'asked about only where there is no pair, which is refused by itself',
    [["const colon = pair?.lastIndexOf(':') ?? -1;", '-1', '+1']],
  ),
  ...accepted('src/gateway/http/credentials.ts', 'undefined ^ undefined is 0', [
    [
      'for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;',
      'i < a.length',
      'i <= a.length',
    ],
  ]),
  ...accepted('src/gateway/http/credentials.ts', 'without a pair there is no colon', [
    ['if (pair === null || colon < 0) return null;', 'pair === null', 'false'],
  ]),
  ...accepted(
    'src/gateway/protocols/sasl-attempt.ts',
    "an '@' at the start of the token: it is malformed in either reading",
    [['const at = message.lastIndexOf(AT, second - 1);', 'second - 1', 'second + 1']],
  ),
  ...accepted(
    'src/gateway/protocols/sasl-attempt.ts',
    "without two NULs `readXToken` refuses what is made of it; the NUL is no '@', so `at` is not `first`",
    [
      [
        'if (first < 0 || second < 0 || at <= first) return undefined;',
        'first < 0 || second < 0',
        'false',
      ],
      [
        'if (first < 0 || second < 0 || at <= first) return undefined;',
        'first < 0 || second < 0',
        'first < 0 && second < 0',
      ],
      ['if (first < 0 || second < 0 || at <= first) return undefined;', 'first < 0', 'false'],
      ['if (first < 0 || second < 0 || at <= first) return undefined;', 'second < 0', 'false'],
      [
        'if (first < 0 || second < 0 || at <= first) return undefined;',
        'second < 0',
        'second <= 0',
      ],
      [
        'if (first < 0 || second < 0 || at <= first) return undefined;',
        'at <= first',
        'at < first',
      ],
    ],
  ),
  ...accepted(
    'src/gateway/protocols/dovecot.ts',
    '`atob` refuses it, and no message and an empty one fail alike',
    [["if (base64 === '=') return new Uint8Array(0);", "base64 === '='", 'false']],
  ),
  ...accepted('src/gateway/protocols/dovecot.ts', '`undefined` all the same', [
    ['} catch {', '{ return undefined; }', '{}'],
  ]),
  ...accepted(
    'src/gateway/session/ended.ts',
    'sweeps earlier than it must; what ended by itself needs no remembering',
    [['if (isFull()) this.#sweep(nowSeconds);', 'isFull()', 'true']],
  ),
  ...accepted('src/gateway/protocols/extauth.ts', 'a short cut: spares a copy', [
    ['if (first.length === 0) return second;', 'first.length === 0', 'false'],
  ]),
  ...accepted('src/gateway/protocols/extauth.ts', 'the loop ends on the length that is not there', [
    ['while (rest.length - at >= LENGTH_BYTES) {', 'rest.length - at', 'rest.length + at'],
  ]),
  ...accepted('src/gateway/http/identity.ts', 'a short cut: nothing is replaced in such a name', [
    ['if (/^[!-$&-~]*$/.test(name)) return name;', '/^[!-$&-~]*$/.test(name)', 'false'],
    ['if (/^[!-$&-~]*$/.test(name)) return name;', '/^[!-$&-~]*$/', '/^[!-$&-~]$/'],
  ]),
  ...accepted(
    'src/gateway/http/identity.ts',
    'one by one or all at once, the same bytes are encoded',
    [
      [
        'return name.toWellFormed().replace(/[^!-$&-~]+/gu, encodeURIComponent);',
        '/[^!-$&-~]+/gu',
        '/[^!-$&-~]/gu',
      ],
    ],
  ),
  ...accepted('src/gateway/session/key-ids.ts', 'one spelling is as good as the other', [
    [
      "const seed = otpSeed.toUpperCase().replace(/[ =-]/g, '');",
      'otpSeed.toUpperCase()',
      'otpSeed.toLowerCase()',
    ],
  ]),
  ...accepted('src/gateway/session/key-ids.ts', "the key is in no one else's hands", [
    ['false,', 'false', 'true'],
  ]),
  ...accepted('src/otp/code-window.ts', 'a short cut: the same codes are laid out again', [
    ['if (first === this.#firstStep) return;', 'first === this.#firstStep', 'false'],
  ]),
  ...accepted('src/otp/code-window.ts', 'not looked at before `#firstStep` is a number', [
    ['#codes: readonly string[] = [];', '[]', '["Stryker was here"]'],
    ['#values: readonly number[] = [];', '[]', '["Stryker was here"]'],
  ]),
  ...accepted('src/guards/durable-object/guard.ts', '53 random bits as well', [
    [
      'return (high & 0x1fffff) * 2 ** 32 + low;',
      '(high & 0x1fffff) * 2 ** 32 + low',
      '(high & 0x1fffff) * 2 ** 32 - low',
    ],
  ]),
  ...accepted('src/token/lines.ts', 'room: answers are the same however often it grows', [
    ['if (wanted <= this.#answers.length) return;', 'wanted <= this.#answers.length', 'false'],
    [
      'if (wanted <= this.#answers.length) return;',
      'wanted <= this.#answers.length',
      'wanted < this.#answers.length',
    ],
    [
      'const larger = new Int32Array(Math.max(this.#answers.length * 2, this.#expected, wanted));',
      'this.#answers.length * 2',
      'this.#answers.length / 2',
    ],
  ]),
  ...accepted(
    'src/token/guarded/asked.ts',
    'step and key of a token that is not accepted mean nothing',
    [
      [
        'this.#answers[index] = ((this.#answers[index] as number) & ~0xff) | REPLAYED;',
        '~0xff',
        '0xff',
      ],
    ],
  ),
  ...accepted('src/token/guarded/verifier.ts', 'one call more, of no token', [
    [
      'for (let at = 0; at < asked.used.length; at += most) {',
      'at < asked.used.length',
      'at <= asked.used.length',
    ],
  ]),
  ...accepted('src/token/marks.ts', 'room: marks are the same however often it grows', [
    [
      'if (wanted > this.#bytes.length) {',
      'wanted > this.#bytes.length',
      'wanted >= this.#bytes.length',
    ],
  ]),
  ...accepted('src/xmpp/prepare-jid.ts', 'an empty localpart is refused below', [
    ['if (at < 0) return null;', 'at < 0', 'at <= 0'],
  ]),
  ...accepted(
    'src/xmpp/prepare-jid.ts',
    'the short way and the long way prepare plain jids alike',
    [
      ['if (jid.length <= MAX_JID_PART_BYTES) {', 'jid.length <= MAX_JID_PART_BYTES', 'false'],
      [
        'if (jid.length <= MAX_JID_PART_BYTES) {',
        'jid.length <= MAX_JID_PART_BYTES',
        'jid.length < MAX_JID_PART_BYTES',
      ],
      [
        'if (jid.length <= MAX_JID_PART_BYTES) {',
        '{ if (PLAIN_JID.test(jid)) return jid; // For ASCII letters, preparation does no more than this. const lower = jid.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()); if (PLAIN_JID.test(lower)) return lower; }',
        '{}',
      ],
      ['if (PLAIN_JID.test(jid)) return jid;', 'PLAIN_JID.test(jid)', 'false'],
      [
        'const lower = jid.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());',
        '/[A-Z]+/g',
        '/[A-Z]/g',
      ],
      [
        'const lower = jid.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());',
        '/[A-Z]+/g',
        '/[^A-Z]+/g',
      ],
      [
        'const lower = jid.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());',
        'letters.toLowerCase()',
        'letters.toUpperCase()',
      ],
      ['if (PLAIN_JID.test(lower)) return lower;', 'PLAIN_JID.test(lower)', 'false'],
    ],
  ),
  ...accepted(
    'src/xmpp/sasl/message.ts',
    'spares encoding a long text, whose bytes are counted all the same',
    [
      [
        "typeof value === 'string' && value.length <= MAX_JID_PART_BYTES && isWellFormed(value);",
        'value.length <= MAX_JID_PART_BYTES',
        'true',
      ],
    ],
  ),
  ...accepted('src/xmpp/sasl/message.ts', 'the profiles give null for null', [
    [
      "if (authzid === null || authcid === null || rawToken === null) return 'malformed-request';",
      'authcid === null',
      'false',
    ],
    [
      "if (authzid === null || authcid === null || rawToken === null) return 'malformed-request';",
      'rawToken === null',
      'false',
    ],
    ['const localpart = name === null ? null : nodeprep(name);', 'name === null', 'false'],
  ]),
  ...accepted(
    'src/xmpp/sasl/message.ts',
    'without a second NUL one is left in the token, and SASLprep refuses it; the second is after the first',
    [
      [
        "if (first < 0 || second < 0) return 'malformed-request';",
        'first < 0 || second < 0',
        'first < 0 && second < 0',
      ],
      ["if (first < 0 || second < 0) return 'malformed-request';", 'first < 0', 'false'],
      ["if (first < 0 || second < 0) return 'malformed-request';", 'second < 0', 'false'],
      ["if (first < 0 || second < 0) return 'malformed-request';", 'second < 0', 'second <= 0'],
    ],
  ),
  ...accepted(
    'src/xmpp/sasl/x-token-server.ts',
    'one of its fields is too long then, or has a NUL',
    [
      [
        'if (!isDue || message === undefined || message.length > MAX_MESSAGE_BYTES) {',
        'message.length > MAX_MESSAGE_BYTES',
        'false',
      ],
    ],
  ),
  ...accepted('src/xmpp/prepare-jid.ts', 'fewer jids take the short way', [
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_](?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_])*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_](?:-+[a-z0-9_]+)*)*$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+))*$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-[a-z0-9_]+)*)*$/',
    ],
    [
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/',
      '/^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\\.[a-z0-9_]+(?:-+[a-z0-9_])*)*$/',
    ],
  ]),
  ...accepted('src/token/marks.ts', 'room: marks are the same however often it grows', [
    [
      'const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));',
      'this.#bytes.length * 2',
      'this.#bytes.length / 2',
    ],
  ]),
];
