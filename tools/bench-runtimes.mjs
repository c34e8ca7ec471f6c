// The bench in every runtime, quickly. Arguments go to each.
import { benchRuntimes } from './lib/bench-runtimes.mjs';
import { program } from './lib/process.mjs';

void program(() => benchRuntimes(process.argv.slice(2)));
