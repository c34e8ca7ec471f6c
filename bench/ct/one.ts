// Measures one subject in its own process. Reads { name, samples } and prints the outcome, both as
// JSON.
import { readFileSync } from 'node:fs';
import { dudect } from './dudect.js';
import { SUBJECTS } from './subjects.js';

const { name, samples } = JSON.parse(readFileSync(0, 'utf8')) as { name: string; samples: number };
const subject = SUBJECTS.find((each) => each.name === name);
if (subject === undefined) throw new Error(`no subject ${name}`);
process.stdout.write(JSON.stringify(dudect(await subject.make(), samples)));
