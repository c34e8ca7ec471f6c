/** The suite of suite/ in this Node. runtimes.slow.test.ts runs it in all others. */
import { HERE } from './kinds/index.js';
import { describeRuntimes } from './lib/suite-in.js';

await describeRuntimes(HERE);
