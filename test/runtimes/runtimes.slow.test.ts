/** The suite of suite/ in the other runtimes, browsers among them. */
import { RUNTIMES } from './kinds/index.js';
import { node, THIS_MAJOR } from './kinds/node.js';
import { describeRuntimes } from './lib/suite-in.js';

const { name: here } = node(THIS_MAJOR);
await describeRuntimes(RUNTIMES.filter(({ name }) => name !== here));
