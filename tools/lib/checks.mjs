// Checks format, lint, import rules and types. Each check runs again only if its inputs changed.
import { renewed } from './fingerprint.mjs';
import { phase } from './phases.mjs';
import { startStep, tool } from './process.mjs';

const SOURCES = [
  'src',
  'test',
  'bench',
  'tools',
  'package.json',
  'package-lock.json',
  'vitest.config.ts',
];
const TYPES = [
  ...SOURCES,
  'dist',
  'tsconfig.json',
  '.dependency-cruiser.mjs',
  'node_modules/typescript-native/package.json',
];
const CACHE = ['--incremental', '--tsBuildInfoFile'];

/** @type {Record<string, { name: string, inputs: readonly string[], command: () => ReturnType<typeof tool> }>} */
const CHECKS = {
  lint: {
    name: 'format and lint',
    inputs: [
      ...SOURCES,
      'biome.jsonc',
      'tsconfig.json',
      '.dependency-cruiser.mjs',
      'asconfig.json',
    ],
    command: () => tool('@biomejs/biome', ['check', '--error-on-warnings']),
  },
  imports: {
    name: 'import rules',
    inputs: [...SOURCES, 'tsconfig.json', '.dependency-cruiser.mjs'],
    command: () =>
      tool(
        'dependency-cruiser',
        ['src', 'bench', 'tools', '--config', '.dependency-cruiser.mjs'],
        'depcruise',
      ),
  },
  page: {
    name: 'types of the page',
    inputs: TYPES,
    command: () =>
      tool(
        'typescript-native',
        ['-p', 'bench/page', ...CACHE, 'build/types-page.tsbuildinfo'],
        'tsc',
      ),
  },
  types: {
    name: 'types',
    inputs: TYPES,
    command: () =>
      tool(
        'typescript-native',
        ['-p', 'tsconfig.json', ...CACHE, 'build/types.tsbuildinfo'],
        'tsc',
      ),
  },
};

/** @param {string} id One of {@link CHECKS}. @param {Record<string, string>} env */
async function check(id, env) {
  const { name, inputs, command } = /** @type {(typeof CHECKS)[string]} */ (CHECKS[id]);
  await renewed({ name: `check-${id}`, inputs, outputs: [] }, () =>
    startStep(name, command(), env),
  );
}

const GROUPS = {
  lint: ['lint', 'imports'],
  types: ['types', 'page'],
};

/**
 * Runs the checks of one group, one after the other.
 *
 * @param {keyof typeof GROUPS} group
 * @param {Record<string, string>} [env] Additional environment variables of their processes.
 * @throws {import('./process.mjs').StepFailed} A check failed.
 */
export const checkGroup = (group, env = {}) =>
  phase(group, async () => {
    for (const id of GROUPS[group]) await check(id, env);
  });

/**
 * Runs all checks, two at a time.
 *
 * @param {Record<string, string>} env Additional environment variables of their processes.
 * @throws {import('./process.mjs').StepFailed} A check failed. The others have ended.
 */
export async function checkSources(env) {
  const all = await Promise.allSettled([checkGroup('lint', env), checkGroup('types', env)]);
  for (const each of all) if (each.status === 'rejected') throw each.reason;
}
