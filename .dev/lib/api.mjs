// The reference of the public interface, out of its docstrings: build/api, as pages for a browser.
import { join } from 'node:path';
import { ROOT, step, tool } from './process.mjs';

/** What package.json exports, by its source. */
const ENTRIES = [
  'src/index.ts',
  'src/xmpp/index.ts',
  'src/pool/index.ts',
  'src/gateway/index.ts',
  'src/replay/lmdb/index.ts',
  'src/replay/redis/index.ts',
  'src/replay/durable-object/index.ts',
  'src/replay/conformance.ts',
];

/** Fails where something that is exported has no docstring, or one that leads nowhere. */
export function buildApi(out = join(ROOT, 'build', 'api')) {
  const args = [
    ...ENTRIES.flatMap((entry) => ['--entryPoints', entry]),
    ...['--tsconfig', 'tsconfig.build.json', '--out', out, '--name', 'totp-token', '--readme', 'none'],
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
    ...['Function', 'Class', 'Interface', 'TypeAlias', 'Variable', 'Enum'].flatMap((kind) => [
      '--requiredToBeDocumented',
      kind,
    ]),
    '--treatWarningsAsErrors',
  ];
  step('api', tool('typedoc', args));
}
