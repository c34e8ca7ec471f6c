// Mutants of the TypeScript around the core: keys, clock, texts, batches, lines, verdicts.
/** @typedef {import('./mutant.mjs').Mutant} Mutant */

const VERDICTS = ['test/unit/token/verdicts.test.ts', 'test/unit/token/window.test.ts'];
const BATCH = ['test/unit/token/batch.test.ts', 'test/unit/token/any-input.test.ts'];
const LINES = ['test/unit/token/lines.test.ts', 'test/unit/token/stream.test.ts'];
const HOSTS = ['test/unit/token/hosts.test.ts', 'test/unit/token/rotation.test.ts'];

/** @type {readonly Mutant[]} */
export const TOKEN = [
  {
    name: 'the key’s index loses its highest bit',
    file: 'src/token/verdict.ts',
    find: 'return (answer >> 8) & 0xff;',
    replace: 'return (answer >> 8) & 0x7;',
    tests: HOSTS,
  },
  {
    name: 'a verdict of an earlier step is given again',
    file: 'src/token/verifier.ts',
    find: 'known?.step === step + drift ? known',
    replace: 'known !== undefined ? known',
    tests: VERDICTS,
  },
  {
    name: 'drift counts from the window’s start',
    file: 'src/token/verifier.ts',
    find: 'const drift = stepIndexOf(answer) - this.#past;',
    replace: 'const drift = stepIndexOf(answer);',
    tests: VERDICTS,
  },
  {
    name: 'drift in a batch counts from the window’s start',
    file: 'src/token/verdict.ts',
    find: 'return stepIndexOf(this.#answer(index)) - this.#past;',
    replace: 'return stepIndexOf(this.#answer(index));',
    tests: VERDICTS,
  },
  {
    name: 'malformed tokens of a batch count as accepted',
    file: 'src/token/verdict.ts',
    find: 'countOf(this.#answers, 0)',
    replace: 'countOf(this.#answers, 0) + countOf(this.#answers, 1)',
    tests: VERDICTS,
  },
  {
    name: 'the first instant of a step still belongs to the one before',
    file: 'src/token/engine.ts',
    find: 'timeMs < this.#endMs',
    replace: 'timeMs <= this.#endMs',
    tests: VERDICTS,
  },
  {
    name: 'a clock that goes back is not noticed',
    file: 'src/token/engine.ts',
    find: 'timeMs >= this.#startMs && ',
    replace: '',
    tests: ['test/unit/token/clock.test.ts'],
  },
  {
    name: 'the step in which a verifier starts is not stale',
    file: 'src/token/engine.ts',
    find: 'now() + window.future + 1 : 0',
    replace: 'now() + window.future : 0',
    tests: ['test/unit/token/replay.test.ts'],
  },
  {
    name: 'steps of the future that an earlier process took are not stale',
    file: 'src/token/engine.ts',
    find: 'now() + window.future + 1 : 0',
    replace: 'now() + 1 : 0',
    tests: ['test/unit/token/replay.test.ts'],
  },
  {
    name: 'keys are left when a verifier is disposed of',
    file: 'src/token/engine.ts',
    find: '    this.#engine?.wipe();\n',
    replace: '',
    tests: ['test/unit/assembly/wiping.test.ts'],
  },
  {
    name: 'a guard with a generation too few',
    file: 'src/token/engine.ts',
    find: 'return window.past + window.future + 1;',
    replace: 'return window.past + window.future || 1;',
    tests: ['test/unit/token/replay.test.ts'],
  },
  {
    name: 'what preparation made of a jid is not used',
    file: 'src/token/engine.ts',
    find: 'writeRequest(this.core, name, token,',
    replace: 'writeRequest(this.core, jid, token,',
    tests: ['test/unit/token/prepare-hook.test.ts'],
  },
  {
    name: 'a lone surrogate is the replacement character',
    file: 'src/token/request.ts',
    find: '  if (jidBytes !== jid.length && !isWellFormed(jid)) return -1;\n',
    replace: '',
    tests: ['test/unit/token/jid-bytes.test.ts'],
  },
  {
    name: 'a preparation that throws has accepted',
    file: 'src/token/request.ts',
    find: '  } catch {\n    return null;',
    replace: '  } catch {\n    return text;',
    tests: ['test/unit/token/prepare-hook.test.ts'],
  },
  {
    name: 'a token beyond ASCII shifts those after it',
    file: 'src/token/batch.ts',
    find: '  if (tokenBytes !== count * maxTokenBytes) return 0;\n',
    replace: '',
    tests: BATCH,
  },
  {
    name: 'a lone surrogate in a batch is the replacement character',
    file: 'src/token/batch.ts',
    find: '  if (jidBytes !== jidText.length && !isWellFormed(jidText)) return 0;\n',
    replace: '',
    tests: [...BATCH, 'test/unit/token/jid-bytes.test.ts'],
  },
  {
    name: 'a token that is shorter shifts those after it',
    file: 'src/token/batch.ts',
    find: 'token.length !== maxTokenBytes',
    replace: 'token.length > maxTokenBytes',
    tests: BATCH,
  },
  {
    name: 'a line asked about by itself keeps its CR',
    file: 'src/token/lines.ts',
    find: 'withoutCr(line.subarray(tab + 1))',
    replace: 'line.subarray(tab + 1)',
    tests: LINES,
  },
  {
    name: 'a lone surrogate in lines is left out',
    file: 'src/token/lines.ts',
    find: "'\\t\\t'",
    replace: "''",
    tests: LINES,
  },
  {
    name: 'the end of a line that is too long is a line',
    file: 'src/text/lines.ts',
    find: 'this.#isSkipping ? chunk.indexOf(LF) : 0',
    replace: 'this.#isSkipping ? chunk.indexOf(LF) + 1 : 0',
    tests: LINES,
  },
  {
    name: 'the keys that setHost replaces stay',
    file: 'src/token/keyring.ts',
    find: '    if (old !== 0) calls.hostRemove(old);\n',
    replace: '',
    tests: HOSTS,
  },
  {
    name: 'the keys of a host that is removed stay',
    file: 'src/token/keyring.ts',
    find: '    if (host !== 0) this.#core.calls.hostRemove(host);\n    return',
    replace: '    return',
    tests: HOSTS,
  },
  {
    name: 'nonces prefer some digits',
    file: 'src/token/nonce.ts',
    find: 'const UNBIASED = 250;',
    replace: 'const UNBIASED = 256;',
    tests: ['test/unit/token/nonce.test.ts'],
  },
];
