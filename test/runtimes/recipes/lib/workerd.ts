import { mkdirSync, readdirSync } from 'node:fs';
import { AS_WRANGLER, findWorkerd } from '../../kinds/workerd.js';
import type { Consumer } from '../../lib/consumer.js';
import { needed, readRecipe, VARIABLES } from './recipe.js';
import { type Server, startServer } from './server.js';

/** The fields of a wrangler.json that this test reads. */
interface Wrangler {
  readonly compatibility_date: string;
  readonly durable_objects: { readonly bindings: readonly { name: string; class_name: string }[] };
  readonly migrations: readonly [{ readonly new_sqlite_classes: readonly string[] }];
}

type Names = readonly [string, ...string[]];

/**
 * Bundles a worker as wrangler does, and starts it once for each of `names`, as Cloudflare runs it
 * in many places: each has its own memory, and all use the Durable Objects of the first worker,
 * which a later start finds again.
 */
export async function startWorkers(project: Consumer, text: string, names: Names): Promise<Server> {
  const folder = project.path('bundled', names[0]);
  await project.bundle(`${names[0]}/worker`, text, {
    ...AS_WRANGLER,
    external: ['cloudflare:workers'],
  });
  mkdirSync(project.path('bundled', names[0], 'disk'), { recursive: true });
  project.write(`bundled/${names[0]}/config.capnp`, configuration(folder, names));
  return startServer(
    needed('workerd', findWorkerd()),
    ['serve', 'config.capnp', '--control-fd=1'],
    {
      cwd: folder,
      port: /"port":(\d+)/g,
      count: names.length,
    },
  );
}

/** The one that wrangler would make of wrangler.json, for workerd alone. */
function configuration(folder: string, names: Names): string {
  const wrangler: Wrangler = JSON.parse(readRecipe('wrangler.json'));
  const modules = [
    '(name = "worker.js", esModule = embed "worker.js")',
    ...readdirSync(folder)
      .filter((name) => name.endsWith('.wasm'))
      .map((name) => `(name = "${name}", wasm = embed "${name}")`),
  ];
  const bindings = [
    ...Object.entries(VARIABLES).map(([name, value]) => `(name = "${name}", text = "${value}")`),
    ...wrangler.durable_objects.bindings.map(
      ({ name, class_name }) =>
        `(name = "${name}", durableObjectNamespace = (className = "${class_name}", serviceName = "${names[0]}"))`,
    ),
  ];
  const classes = wrangler.migrations[0].new_sqlite_classes.map(
    (name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`,
  );
  const objects = `durableObjectNamespaces = [${classes}], durableObjectStorage = (localDisk = "disk")`;
  const workers = names.map(
    (name, i) => `(name = "${name}", worker = (
    modules = .modules, bindings = .bindings, compatibilityDate = "${wrangler.compatibility_date}",
    ${i === 0 ? objects : ''}))`,
  );
  const services = [...workers, '(name = "disk", disk = (path = "disk", writable = true))'];
  const sockets = names.map(
    (name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const modules :List(Workerd.Worker.Module) = [${modules}];
const bindings :List(Workerd.Worker.Binding) = [${bindings}];
const config :Workerd.Config = (services = [${services}], sockets = [${sockets}]);
`;
}
