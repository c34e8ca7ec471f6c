// Runs modules one after the other in one process, each with what it takes as given, and says what became of them.
//
//   node runner.mjs PLAN_AS_JSON_FILE REPORT_FILE
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { check } from './comments.mjs';
import { GIVEN, started } from './given.mjs';

/** @type {{ plan: { path: string, given: string[] }[], entries: string[] }} */
const { plan, entries } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const globals = /** @type {Record<string, unknown>} */ (globalThis);
for (const entry of entries) Object.assign(globals, await import(entry));
console.log = () => undefined;

/** @type {unknown[]} */
let loose = [];
process.on('unhandledRejection', (error) => loose.push(error));

const report = [];
for (const { path, given } of plan) {
  let checks = 0;
  loose = [];
  globals.check = (/** @type {unknown} */ value, /** @type {string} */ comment) => {
    if (check(value, comment)) checks++;
  };
  const before = Object.getOwnPropertyDescriptors(globals);
  try {
    for (const name of given) {
      if (!GIVEN[name]) throw new Error(`given.mjs has no ${name}`);
      Object.defineProperty(globals, name, {
        value: await GIVEN[name](),
        configurable: true,
        writable: true,
      });
    }
    await import(pathToFileURL(path).href);
    await Promise.all(started.splice(0));
    await new Promise(setImmediate);
    if (loose.length > 0) throw loose[0];
    report.push({ path, checks });
  } catch (error) {
    report.push({ path, checks, error: `${error}` });
  }
  for (const name of given) {
    delete globals[name];
    if (before[name]) Object.defineProperty(globals, name, before[name]);
  }
}
writeFileSync(process.argv[3] ?? '', JSON.stringify(report));
process.exit();
