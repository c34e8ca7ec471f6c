// Makes the reference of the public interface from its docstrings: build/api, as pages for a
// browser.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, step, tool } from './process.mjs';

/**
 * The source files of package.json's exports. core.wasm, package.json and the standalone file,
 * which repeats the main entry, have no source file.
 */
export const ENTRIES = Object.values(
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).exports,
)
  .map(({ types = '' }) => types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts'))
  .filter((source) => source !== '' && existsSync(join(ROOT, source)));

/** Fails if an export has no docstring, or a docstring has a broken link. */
export function buildApi(out = join(ROOT, 'build', 'api')) {
  const args = [
    ...ENTRIES.flatMap((entry) => ['--entryPoints', entry]),
    ...[
      '--tsconfig',
      'tsconfig.build.json',
      '--out',
      out,
      '--name',
      'totp-token',
      '--readme',
      'none',
    ],
    ...[
      '--excludeInternal',
      '--excludePrivate',
      '--excludeProtected',
      '--disableSources',
      '--logLevel',
      'Warn',
    ],
    ...[
      '--validation.notExported',
      'false',
      '--validation.invalidLink',
      'true',
      '--validation.notDocumented',
      'true',
    ],
    ...[
      'Function',
      'Class',
      'Interface',
      'TypeAlias',
      'Variable',
      'Enum',
      'Property',
      'Method',
      'Accessor',
    ].flatMap((kind) => ['--requiredToBeDocumented', kind]),
    '--treatWarningsAsErrors',
  ];
  step('api', tool('typedoc', args));
}
