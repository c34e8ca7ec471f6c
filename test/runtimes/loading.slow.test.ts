/**
 * A small app with the packed package, built by each bundler without configuration or by none, and
 * run.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PAGE, reporting, sendTo, visit } from '../../tools/testbed/browser.js';
import { run } from '../../tools/testbed/child.js';
import { CHROMIUM_ADVICE, findChromium, SharedChromium } from '../../tools/testbed/chromium.js';
import { notRun } from '../../tools/testbed/not-run.js';
import type { Site } from '../../tools/testbed/web-server.js';
import { tempFolder } from '../package/temp.js';
import { AS_WRANGLER, findWorkerd, startWorker, workerd } from './kinds/workerd.js';
import { app, WORKS } from './lib/app.js';
import { Consumer } from './lib/consumer.js';

const folder = tempFolder();
let consumer: Consumer;
beforeAll(async () => {
  consumer = await Consumer.make(folder);
  consumer.write('app.js', app('totp-token'));
});

const MAIN = reporting("import { tryIt } from './app.js';", 'tryIt()');

/** The files of a folder, each under its path. */
function siteOf(folder: string): Site {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.\w+$/.test(name),
  );
  const site = files.map(
    (name) => [`/${name.replaceAll('\\', '/')}`, { file: join(folder, name) }] as const,
  );
  const index = { file: join(folder, 'index.html') };
  return Object.fromEntries([
    ...site,
    ...(files.includes('index.html') ? [['/', index] as const] : []),
  ]);
}

describe('the package in a browser', { concurrent: true }, async () => {
  const found = await findChromium();
  const browser = found && new SharedChromium(found);
  const open = (site: Site) => visit(browser!, site);

  beforeAll(() => {
    for (const name of ['src/app.js', 'vite/app.js']) consumer.write(name, app('totp-token'));
    for (const name of ['src/index.js', 'vite/page.js']) consumer.write(name, MAIN);
    consumer.write('vite/index.html', PAGE);
  });
  afterAll(() => browser?.close());

  beforeEach(() => {
    if (found === undefined) notRun('Chromium', CHROMIUM_ADVICE);
  });

  it('works when it is built by Vite', async () => {
    const { build } = await import('vite');
    await build({ root: consumer.path('vite'), logLevel: 'error', configFile: false });
    expect(await open(siteOf(consumer.path('vite', 'dist')))).toBe(WORKS);
  });

  it('works when the development server of Vite serves it', async () => {
    const { createServer } = await import('vite');
    const root = consumer.path('vite');
    const server = await createServer({
      ...{ root, logLevel: 'error', configFile: false, cacheDir: consumer.path('vite-cache') },
      server: { host: '127.0.0.1', port: 0 },
    });
    try {
      await server.listen(0);
      expect(await open(sendTo(server.resolvedUrls?.local[0] ?? ''))).toBe(WORKS);
    } finally {
      await server.close();
    }
  });

  it('works when it is built by webpack, without a warning', async () => {
    const { default: webpack } = await import('webpack');
    const output = consumer.path('webpack');
    const compiler = webpack({
      mode: 'production',
      context: consumer.folder,
      output: { path: output },
    });
    const stats = await new Promise<string>((resolve, reject) => {
      compiler?.run((error, result) =>
        error
          ? reject(error)
          : resolve(result?.toString({ all: false, errors: true, warnings: true }) ?? ''),
      );
    });
    // A warning, too, would be work for the users of the package.
    expect(stats).toBe('');
    expect(await open({ '/': { text: PAGE }, '/page.js': { file: join(output, 'main.js') } })).toBe(
      WORKS,
    );
  });

  it('works when it is built by esbuild', async () => {
    const file = await consumer.bundle('esbuild/page', MAIN.replace('./app.js', '../app.js'));
    expect(await open({ '/': { text: PAGE }, '/page.js': { file } })).toBe(WORKS);
  });

  it('works when it is built by Rollup, without a warning', async () => {
    const { rollup } = await import('@rollup/wasm-node');
    const { nodeResolve } = await import('@rollup/plugin-node-resolve');
    const warnings: string[] = [];
    const bundle = await rollup({
      input: consumer.path('src', 'index.js'),
      // Rollup itself does not look into node_modules.
      plugins: [nodeResolve({ browser: true })],
      onwarn({ id, message }) {
        // Only warnings of this package, as we cannot change those of a dependency.
        if (id?.includes(join('node_modules', 'totp-token'))) warnings.push(message);
      },
    });
    const file = consumer.path('rollup', 'page.js');
    await bundle.write({ file });
    expect(warnings).toEqual([]);
    expect(await open({ '/': { text: PAGE }, '/page.js': { file } })).toBe(WORKS);
  });

  it('works without a bundler as one file for a script of type module', async () => {
    const page = reporting(app('./standalone.js'), 'tryIt()');
    const file = consumer.path('node_modules', 'totp-token', 'dist', 'standalone.js');
    expect(
      await open({ '/': { text: PAGE }, '/page.js': { text: page }, '/standalone.js': { file } }),
    ).toBe(WORKS);
  });

  it('works without a bundler as single files with an import map', async () => {
    const map = {
      'totp-token': '/node_modules/totp-token/dist/index.js',
      '#core': '/node_modules/totp-token/dist/wasm/core-source.js',
      '@assemblyscript/loader': '/node_modules/@assemblyscript/loader/index.js',
      '@scure/base': '/node_modules/@scure/base/index.js',
    };
    const imports = `<script type="importmap">${JSON.stringify({ imports: map })}</script>`;
    const page = PAGE.replace('<script', `${imports}<script`);
    const script = { text: reporting(app('totp-token'), 'tryIt()') };
    const site = { ...siteOf(consumer.folder), '/': { text: page }, '/page.js': script };
    expect(await open(site)).toBe(WORKS);
  });

  it('works with core.wasm compiled by the page itself', async () => {
    const expression = "tryIt({ module: await WebAssembly.compileStreaming(fetch('/core.wasm')) })";
    const text = reporting("import { tryIt } from '../app.js';", expression);
    const file = await consumer.bundle('compiled/page', text);
    const wasm = consumer.path('node_modules', 'totp-token', 'dist', 'core.wasm');
    expect(
      await open({ '/': { text: PAGE }, '/page.js': { file }, '/core.wasm': { file: wasm } }),
    ).toBe(WORKS);
  });
});

describe('the package in Node', () => {
  it('can be imported by a CommonJS file', async () => {
    const main = consumer.write(
      'main.cjs',
      "import('totp-token').then((t) => console.log(typeof t.createVerifier));",
    );
    expect(await run(process.execPath, [main])).toBe('function\n');
  });
});

/** A worker with `totp-token/gateway`, which is bundled apart from the library. */
const GATEWAY = `import { createIssuer, generateKeys, VerifierError } from 'totp-token';
import { createGateway } from 'totp-token/gateway';
export default {
  async fetch() {
    const hosts = { 'example.com': generateKeys() };
    const gateway = await createGateway({ hosts });
    const token = (await createIssuer({ hosts })).issue('alice@example.com');
    const request = () => new Request('http://gateway.test/auth', {
      headers: { authorization: 'Basic ' + btoa('alice@example.com:' + token) },
    });
    const answers = [await gateway.fetch(request()), await gateway.fetch(request())];
    const error = await createGateway({ realm: '"' }).catch((error) => error);
    return Response.json([...answers.map(({ status }) => status), error instanceof VerifierError]);
  },
};
`;

describe('the package in workerd', { concurrent: true }, async () => {
  const file = findWorkerd();

  beforeEach(() => {
    if (file === undefined) notRun(workerd.name, workerd.advice);
  });

  const WORKER = (options: string) => `import { tryIt } from '../app.js';
export default {
  async fetch() {
    return Response.json(await tryIt(${options}).catch(({ code, message }) => ({ code, message })));
  },
};
`;

  async function ask(name: string, text: string, options: typeof AS_WRANGLER): Promise<unknown> {
    await consumer.bundle(`${name}/worker`, text, options);
    const worker = await startWorker(file ?? '', consumer.path('bundled', name), 'worker.js');
    try {
      return await (await fetch(worker.url)).json();
    } finally {
      await worker.stop();
    }
  }

  it('has its core compiled by the host, by the condition workerd', async () => {
    expect(await ask('condition', WORKER(''), AS_WRANGLER)).toBe(WORKS);
  });

  it('works with core.wasm as the option module if the bundler lacks that condition', async () => {
    const text = `import module from 'totp-token/core.wasm';\n${WORKER('{ module }')}`;
    expect(await ask('option', text, { loader: { '.wasm': 'copy' } })).toBe(WORKS);
  });

  it('serves as a gateway, and throws the errors of the main entry', async () => {
    expect(await ask('gateway', GATEWAY, AS_WRANGLER)).toEqual([200, 401, true]);
  });

  it('gets an error with the fix if both are missing', async () => {
    const answer = await ask('neither', WORKER(''), {});
    expect(answer).toMatchObject({ code: 'ERR_ENGINE_UNAVAILABLE' });
    expect(answer).toMatchObject({ message: expect.stringContaining('totp-token/core.wasm') });
    expect(answer).toMatchObject({ message: expect.stringContaining('module') });
  });
});
