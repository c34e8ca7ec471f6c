import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { ROOT } from '../../../tools/lib/process.mjs';
import { packedOnce } from '../../package/npm.js';
import { run } from '../../package/run.js';

/** The packages that the packed package needs to run. No others are installed for it. */
const DEPENDENCIES = ['@assemblyscript/loader', '@scure/base'];

/** A project that has the package installed as it would be published, and the suite beside it. */
export class Consumer {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(folder: string): Promise<Consumer> {
    const installed = join(folder, 'node_modules', 'totp-token');
    mkdirSync(installed, { recursive: true });
    run('tar', ['-xzf', packedOnce(), '--strip-components=1', '-C', installed], folder);
    for (const name of DEPENDENCIES) {
      cpSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), {
        recursive: true,
      });
    }
    const consumer = new Consumer(folder);
    consumer.write(
      'package.json',
      JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
    );
    // The package stays outside: each runtime, and each bundler, is to find it by itself.
    await build({
      entryPoints: [join(ROOT, 'test', 'runtimes', 'suite', 'index.ts')],
      outfile: join(folder, 'suite.js'),
      external: ['totp-token'],
      ...BUNDLED,
    });
    return consumer;
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  write(name: string, text: string): string {
    const path = this.path(name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /**
   * Bundles a program of this project, given as its text, by esbuild into one file, whose path is
   * returned.
   */
  async bundle(name: string, text: string, options: BuildOptions = {}): Promise<string> {
    const entry = this.write(`${name}.entry.js`, text);
    const outfile = this.path('bundled', `${name}.js`);
    await build({ entryPoints: [entry], outfile, ...BUNDLED, ...options });
    return outfile;
  }
}

const BUNDLED = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  logLevel: 'error',
} as const satisfies BuildOptions;
