// The gateway of `npm start`, in this process: signals reach it without a detour. Arguments go to
// it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/process.mjs';

/** How often it looks whether who started it is there. */
const PARENT_MS = 500;

const file = join(ROOT, 'dist', 'cli', 'main.js');
const page = ['--page', join(ROOT, 'build', 'page')];
process.argv.splice(1, Infinity, file, 'gateway', '--dev', ...page, ...process.argv.slice(2));

// npm gives a signal to the shell that it runs scripts by, and that shell may end without passing
// it on.
const parent = process.ppid;
const look = () => process.ppid === parent || process.kill(process.pid, 'SIGTERM');
setInterval(look, PARENT_MS).unref();

await import(pathToFileURL(file).href);
