/** The suite of suite/ in this Node and in workerd. runtimes.slow.test.ts runs it in all others. */
import { QUICK } from './kinds/index.js';
import { describeRuntimes } from './lib/suite-in.js';

await describeRuntimes(QUICK);
