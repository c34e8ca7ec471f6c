// The import rule of the house, folder by folder. Imports run downwards only:
//
//   cli -> server -> { gateway, keyfile } -> pool -> { xmpp, guards, token } -> { otp, mac } -> wasm -> text

/**
 * What each folder of src/ may import from the others, besides `GROUND`, which is everyone's. A name that ends
 * in .ts is that file alone.
 */
export const MAY_IMPORT = {
  text: [],
  wasm: ['text'],
  mac: ['wasm', 'text'],
  otp: ['mac', 'wasm', 'text'],
  guards: ['otp', 'mac', 'wasm', 'text'],
  // The verifier knows the guard's interface, never a store.
  token: ['guards/guard.ts', 'guards/answers.ts', 'otp', 'mac', 'wasm', 'text'],
  // The SASL mechanisms are handed a verifier and name its type.
  xmpp: ['token', 'otp', 'mac', 'wasm', 'text'],
  // Threads that verify; each is handed its options and prepares names by itself.
  pool: ['xmpp', 'token', 'otp', 'mac', 'wasm', 'text'],
  gateway: ['index.ts', 'pool', 'xmpp', 'guards', 'token', 'otp', 'mac', 'wasm', 'text'],
  keyfile: ['index.ts', 'token', 'otp', 'mac', 'wasm', 'text'],
  server: [
    'keyfile',
    'index.ts',
    'gateway',
    'pool',
    'xmpp',
    'guards',
    'token',
    'otp',
    'mac',
    'wasm',
    'text',
  ],
  'index.ts': ['guards/guard.ts', 'token', 'otp', 'mac', 'wasm', 'text'],
  cli: [
    'server',
    'keyfile',
    'index.ts',
    'gateway',
    'pool',
    'xmpp',
    'guards',
    'token',
    'otp',
    'mac',
    'wasm',
    'text',
  ],
};

/** Everyone may import these files of src/. Each may import those before it. */
export const GROUND = ['errors.ts', 'check.ts', 'limits.ts'];

/** What the main entry may carry into a browser. */
const ISOMORPHIC = ['^src/', '(^|/)node_modules/(@assemblyscript/loader|@scure/base)/'];

/** What the gateway's application may carry to Bun, Deno and workerd: its Node server is another matter. */
const PORTABLE = [
  '^src/',
  '(^|/)node_modules/(@assemblyscript/loader|@scure/base|@hono/zod-openapi|hono)/',
];

/** Packages that the build puts into the bundles, and those that a guard asks for by name. */
const BUNDLED =
  '(^|/)node_modules/(@hono/(node-server|zod-openapi)|cli-progress|cli-table3|cluster-key-slot|commander|dotenv|hono|jose|picocolors|pino|prom-client|smol-toml|uqr|zod)/';

/** The folders that become bundles: nothing else of src/ is published with packages inside. */
const IN_BUNDLES = '^src/(cli|server|keyfile|gateway|guards/redis)/';

/** The folders that may ask for Node; a store is as bound to its runtime as its client library is. */
const KNOWS_NODE = '^src/(cli|server|keyfile|guards/(lmdb|redis))';

/** @param {string} path A folder or a file, relative to src/. */
const pattern = (path) =>
  path.endsWith('.ts') ? `^src/${path.replaceAll('.', '\\.')}$` : `^src/${path}/`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
      name: `${folder.replace('.ts', '')}-imports-downwards`,
      comment: `src/${folder} may import ${[...GROUND, ...allowed].join(', ')} and itself`,
      severity: /** @type {const} */ ('error'),
      from: { path: pattern(folder) },
      to: { path: '^src/', pathNot: [folder, ...GROUND, ...allowed].map(pattern) },
    })),
    {
      name: 'every-folder-has-its-rule',
      comment: 'a folder of src/ that .dependency-cruiser.mjs does not list',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: Object.keys(MAY_IMPORT).map(pattern) },
      to: {},
    },
    ...GROUND.map((file, i) => ({
      name: `${file.replace('.ts', '')}-is-ground`,
      comment: `src/${file} is imported by all, so it may import only the ground below it`,
      severity: /** @type {const} */ ('error'),
      from: { path: pattern(file) },
      to: { pathNot: ['^(?!)', ...GROUND.slice(0, i).map(pattern)] },
    })),
    {
      name: 'main-entry-is-isomorphic',
      comment: 'what src/index.ts reaches is in the sources, @assemblyscript/loader or @scure/base',
      severity: 'error',
      from: { path: pattern('index.ts') },
      to: { reachable: true, pathNot: ISOMORPHIC },
    },
    {
      name: 'gateway-entry-is-portable',
      comment: 'what src/gateway/index.ts reaches runs wherever Request and Response are',
      severity: 'error',
      from: { path: pattern('gateway/index.ts') },
      to: { reachable: true, pathNot: PORTABLE },
    },
    {
      name: 'node-only-where-it-runs',
      comment: 'node:* belongs to cli/, server/, keyfile/ and the stores',
      severity: 'error',
      from: { path: '^src/', pathNot: KNOWS_NODE },
      // `typeof import('node:os')` names a type and leaves no import behind.
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-import'] },
    },
    {
      name: 'published-code-needs-published-packages',
      comment:
        'src/ imports a package that is no dependency of package.json, or a file outside src/',
      severity: 'error',
      from: { path: '^src/', pathNot: IN_BUNDLES },
      to: {
        pathNot: '^src/',
        dependencyTypesNot: ['core', 'npm', 'npm-peer', 'unknown'],
      },
    },
    {
      name: 'bundles-need-listed-packages',
      comment: 'a package that is to be bundled stands in BUNDLED of .dependency-cruiser.mjs',
      severity: 'error',
      from: { path: IN_BUNDLES },
      to: {
        pathNot: ['^src/', BUNDLED],
        dependencyTypesNot: ['core', 'npm', 'npm-peer', 'unknown'],
      },
    },
    {
      name: 'testbed-below-all',
      comment: 'tools/testbed is what tests and benches share, so it may import neither',
      severity: 'error',
      from: { path: '^tools/testbed/' },
      to: { path: '^(src|test|bench|tools/(?!testbed/))' },
    },
    {
      name: 'bench-imports-no-test',
      comment: 'what bench/ and test/ share is in tools/testbed',
      severity: 'error',
      from: { path: '^bench/' },
      to: { path: '^test/' },
    },
    {
      name: 'bench-lib-below-the-benches',
      comment: 'bench/lib may import tools/testbed and types of src',
      severity: 'error',
      from: { path: '^bench/lib/' },
      to: { path: '^(bench/(?!lib/)|tools/(?!testbed/))' },
    },
    {
      name: 'bench-programs-below-the-suites',
      comment: 'a suite starts programs; what both know is in bench/programs/messages.ts',
      severity: 'error',
      from: { path: '^bench/programs/' },
      to: { path: '^bench/(suites|report|browser)/' },
    },
    {
      name: 'bench-report-above-what-it-shows',
      comment: 'only the programs themselves, main.ts, write the report',
      severity: 'error',
      from: {
        path: '^bench/(gateway|guards|soak|suites|peers|candidates|workloads)/',
        pathNot: '/main\\.ts$',
      },
      to: { path: '^bench/report/' },
    },
    {
      name: 'no-circle',
      comment: 'two files that import each other are one file, or miss a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved-import',
      comment: 'the import leads nowhere',
      severity: 'error',
      from: {},
      // core.wasm is made by the build, beside the compiled sources; workerd brings modules of its own.
      to: { couldNotResolve: true, pathNot: '^(\\.\\./core\\.wasm|cloudflare:workers$)' },
    },
  ],
  options: {
    // Types count as imports: a folder that names another's types knows it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
