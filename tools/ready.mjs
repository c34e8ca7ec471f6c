// Installs and builds everything that a command needs and that is missing. If nothing changed, this
// takes a moment.
//
//   node tools/ready.mjs [wasm | page | bench | runtimes]...
import { buildBench } from './lib/bench.mjs';
import { build } from './lib/build.mjs';
import { ensureInstalled, ensureRuntimes } from './lib/install.mjs';
import { buildPage } from './lib/page.mjs';
import { leavePhases, phase } from './lib/phases.mjs';
import { program } from './lib/process.mjs';

const wanted = process.argv.slice(2);

void program(async () => {
  await phase('install', ensureInstalled);
  await phase('build', async () => {
    await build({ isWasmOnly: wanted.includes('wasm') });
    if (wanted.includes('page')) buildPage();
    if (wanted.includes('bench')) buildBench();
  });
  if (wanted.includes('runtimes')) await ensureRuntimes();
  leavePhases();
});
