/** The suite of suite/ in the other runtimes, browsers among them. */
import { HERE, RUNTIMES } from './kinds/index.js';
import { describeRuntimes } from './lib/suite-in.js';

await describeRuntimes(RUNTIMES.filter((runtime) => !HERE.includes(runtime)));
