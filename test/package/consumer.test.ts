import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT, tool } from '../../tools/lib/process.mjs';
import { launch } from '../servers/processes/gateway.js';
import { packThis, runNpm } from './npm.js';
import { run } from './run.js';
import { tempFolder } from './temp.js';

/** The package and its dependencies in node_modules. */
const MAX_PACKAGES = 3;
const MAX_BYTES = 5_000_000;

const ANY_PORT = { TOTP_TOKEN_GATEWAY_LISTEN: '127.0.0.1:0' };

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const { version } = manifest;

/** A strictly typed program that uses every entry point. The test compares its output. */
const PROGRAM = `
import { createIssuer, createVerifier, generateKeys, totp, type Verdict } from 'totp-token';
import { createGateway } from 'totp-token/gateway';
import { createVerifierPool } from 'totp-token/pool';
import { prepareJid } from 'totp-token/xmpp';

const hosts = { 'example.com': generateKeys() };
const clock = () => 1_700_000_000_000;
using issuer = await createIssuer({ hosts, clock });
using verifier = await createVerifier({ hosts, clock, prepareJid });
const token = issuer.issue('alice@example.com');
const verdicts: Verdict[] = [verifier.verify('Alice@example.com', token), verifier.verify('alice@example.com', token)];
const codes: readonly string[] = verdicts.map((verdict) => verdict.code);
const otp = totp({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', timeMs: 59_000 });
const pool = await createVerifierPool({ hosts, clock, threads: 2, replay: { capacity: 1000 } });
const { accepted } = await pool.verifyBatch(['alice@example.com', 'alice@example.com'], [token, token]);
await pool.close();
const gateway = await createGateway({ hosts, clock });
const headers = { authorization: 'Basic ' + btoa('alice@example.com:' + issuer.issue('alice@example.com')) };
const { status } = await gateway.fetch(new Request('http://gateway.test/auth', { headers }));
console.log(JSON.stringify([codes, otp, accepted, status]));
`;

/** What a bundler for Cloudflare compiles itself. */
const WASM_PROGRAM = `
import core from 'totp-token/core.wasm';
export const module: WebAssembly.Module = core;
`;

/** Entry points that belong to a runtime or a package, whose types they need. */
const NEED_TYPES = ['./durable-object', './redis'];

/** A program for a project that has neither the DOM's types nor Node's. */
const BARE_PROGRAM = `
${Object.entries(manifest.exports)
  .filter(([entry]) => !NEED_TYPES.includes(entry) && entry !== './package.json')
  .map(([entry], i) => `export * as entry${i} from 'totp-token${entry.slice(1)}';`)
  .join('\n')}
import { createVerifier, type Verdict, type Verdicts, verdictStream } from 'totp-token';
import { createGateway } from 'totp-token/gateway';
import { createVerifierPool } from 'totp-token/pool';
const verifier = await createVerifier({ hosts: {} });
const verdicts: Verdicts = verifier.verifyBatch([], []);
const last: Verdict | undefined = verdicts.at(-1);
const all: readonly Verdict[] = verdicts.toJSON();
const pool = await createVerifierPool({ worker: { href: 'file:///worker.js' } });
const gateway = await createGateway({ hosts: {} });
const stream: TransformStream<Uint8Array, Verdicts> = verdictStream(pool);
export const answer = gateway.fetch({});
export { all, last, stream };
// @ts-expect-error a text is no verdict
export const wrong: Verdict = 'accepted';
`;

/** A program that esbuild bundles, and what it says about the threads of its pool. */
const BUNDLED_PROGRAM = `
import { createIssuer, generateKeys } from 'totp-token';
import { createVerifierPool } from 'totp-token/pool';
const hosts = { 'example.com': generateKeys() };
const issuer = await createIssuer({ hosts });
const options = { hosts, threads: 1, prepareNames: true, replay: { capacity: 1000 } };
const lost = await createVerifierPool(options).catch((error) => error);
const told = [];
for (const worker of [
  new URL('./pool-worker.js', import.meta.url),
  new URL('./pool-worker.js', import.meta.url).href,
  () => new Worker(new URL('./pool-worker.js', import.meta.url)),
]) {
  const pool = await createVerifierPool({ ...options, worker });
  const verdicts = await pool.verifyBatch(['ALICE@example.com'], [issuer.issue('alice@example.com')]);
  told.push(String(verdicts));
  await pool.close();
}
console.log(JSON.stringify([lost.code, lost.field, lost.message, told]));
`;

describe('a project that installs the package', () => {
  const folder = tempFolder();

  beforeAll(() => {
    // The dependencies are copied from this tree, so that the install needs no registry: npm takes
    // those that fit the package, and would ask for any others.
    const tree = runNpm(['ls', '--all', '--omit=dev', '--parseable'])
      .split(/\r?\n/)
      .slice(1)
      .filter(Boolean);
    for (const path of tree) {
      cpSync(path, join(folder, relative(ROOT, path)), {
        recursive: true,
        filter: (source) => source === path || basename(source) !== 'node_modules',
      });
    }
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
    );
    runNpm(['install', `file:${relative(folder, packThis(folder).path)}`], folder);
  });

  const COMMAND = join(folder, 'node_modules', 'totp-token', manifest.bin['totp-token']);
  const node = (...args: readonly string[]): string => run(process.execPath, args, folder);
  /** Compiles by TypeScript 7, or by the one of another package. */
  const compile = (
    programs: Readonly<Record<string, string>>,
    compilerOptions: object,
    typescript = 'typescript-native',
  ): void => {
    const files = Object.keys(programs);
    for (const name of files) writeFileSync(join(folder, name), programs[name]!.trimStart());
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    node(...tool(typescript, ['-p', folder], 'tsc').args);
  };

  for (const [module, moduleResolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ]) {
    it(`compiles against its types with module resolution ${moduleResolution}, and runs`, () => {
      const compilerOptions = {
        ...{
          module,
          moduleResolution,
          target: 'ES2022',
          strict: true,
          exactOptionalPropertyTypes: true,
        },
        // No @types/node, so that they need no types of Node, and only the libraries that the README
        // names. Every declaration is checked, once: those of the DOM are many.
        ...{ types: [], lib: ['ES2022', 'DOM'], skipLibCheck: moduleResolution === 'Bundler' },
      };
      compile({ 'program.ts': PROGRAM, 'worker.ts': WASM_PROGRAM }, compilerOptions);
      expect(JSON.parse(node('program.js'))).toEqual([
        ['accepted', 'replayed'],
        '94287082',
        1,
        200,
      ]);
    });
  }

  it('compiles by TypeScript 5 with neither DOM nor types of Node, and all types are checked', () => {
    const compilerOptions = {
      ...{ module: 'Node16', moduleResolution: 'Node16', target: 'ES2022', strict: true },
      ...{ types: [], lib: ['ES2022'], skipLibCheck: false, noEmit: true },
    };
    compile({ 'bare.ts': BARE_PROGRAM }, compilerOptions, 'typescript');
  });

  it('finds core.wasm', () => {
    const path = node('--print', "require.resolve('totp-token/core.wasm')").trim();
    expect(readFileSync(path).equals(readFileSync(join(ROOT, 'build', 'core.wasm')))).toBe(true);
  });

  it('bundles a program with a pool by esbuild, and learns of the option that the pool needs', async () => {
    const imports = "import { Worker } from 'node:worker_threads';";
    writeFileSync(join(folder, 'app.js'), imports + BUNDLED_PROGRAM);
    writeFileSync(join(folder, 'pool-worker.js'), "import 'totp-token/pool/worker';\n");
    const { warnings } = await build({
      ...{ absWorkingDir: folder, entryPoints: ['app.js', 'pool-worker.js'], outdir: 'bundled' },
      ...{ bundle: true, platform: 'node', format: 'esm', minify: true, logLevel: 'silent' },
    });
    expect(warnings).toEqual([]);
    expect(JSON.parse(node(join('bundled', 'app.js')))).toEqual([
      'ERR_OPTION',
      'worker',
      expect.stringMatching(/^worker: .*Cannot find module .*worker\.js.*docs\/bundlers\.md/),
      Array(3).fill('Verdicts(1) { accepted: 1 }'),
    ]);
  });

  it(`has ${MAX_PACKAGES} packages of at most ${MAX_BYTES / 1e6} MB`, () => {
    const modules = join(folder, 'node_modules');
    const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
    expect(Object.keys(packages)).toHaveLength(MAX_PACKAGES);
    const bytes = readdirSync(modules, { recursive: true, encoding: 'utf8' })
      .map((path) => statSync(join(modules, path)))
      .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('can run the command by npm exec', () => {
    expect(runNpm(['exec', '--', 'totp-token', '--version'], folder).trim()).toBe(version);
  });

  it('can run a gateway without further settings', async () => {
    const gateway = launch(['--dev'], { program: COMMAND, env: ANY_PORT });
    const answer = await fetch(`${await gateway.address()}/openapi.json`);
    expect(await answer.json()).toMatchObject({ info: { version } });
    gateway.kill('SIGTERM');
    expect(await gateway.result).toBe(0);
  });

  // All commands that open a guard load it alike: the second guard asks one of them.
  it.each([
    ['lmdb', 'lmdb', 'npm install lmdb@3', ['gateway', 'check-config', 'extauth']],
    ['redis', '@redis/client', 'npm install @redis/client@6', ['gateway']],
  ])(
    'gets an error that names the package that the guard %s needs',
    (kind, name, install, commands) => {
      const config = `[guard]\nkind = "${kind}"\n${kind === 'redis' ? '[guard.redis]\nurl = "redis://127.0.0.1:1"\n' : ''}`;
      writeFileSync(join(folder, 'gateway.toml'), config);
      run(
        process.execPath,
        [COMMAND, 'keygen', '--host', 'a.example', '--out', `${kind}.json`],
        folder,
      );
      for (const command of commands) {
        const args = [command, '--keys', `${kind}.json`, '--config', 'gateway.toml'];
        const { status, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
          ...{ cwd: folder, encoding: 'utf8', env: { ...ANY_PORT } },
        });
        expect({ status, stderr }).toEqual({
          status: 2,
          stderr: `error: gateway.toml: guard.kind: "${kind}" needs the package ${name}; ${install}\n`,
        });
      }
      const program = `
import { createLmdbGuard } from 'totp-token/lmdb';
import { createRedisGuard } from 'totp-token/redis';
const made = ${kind === 'lmdb' ? "createLmdbGuard({ path: 'guard' })" : "createRedisGuard({ url: 'redis://127.0.0.1:1' })"};
made.catch((error) => console.log(error.code, error.cause.code, error.message));`;
      expect(node('--input-type=module', '--eval', program)).toBe(
        `ERR_ENGINE_UNAVAILABLE ERR_MODULE_NOT_FOUND ${name} cannot be loaded; run ${install}\n`,
      );
    },
  );
});
