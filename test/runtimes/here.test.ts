/** The suite of suite/ in this Node. runtimes.slow.test.ts runs it in all others. */
import { node, THIS_MAJOR } from './kinds/node.js';
import { describeRuntimes } from './lib/suite-in.js';

await describeRuntimes([node(THIS_MAJOR)]);
