// Checks the sources without a test.
//
//   node tools/check.mjs lint | types
import { checkGroup } from './lib/checks.mjs';
import { program, StepFailed } from './lib/process.mjs';

void program(async () => {
  const [group] = process.argv.slice(2);
  if (group !== 'lint' && group !== 'types') {
    process.stderr.write('usage: node tools/check.mjs lint | types\n');
    throw new StepFailed('choosing the check', 2);
  }
  await checkGroup(group);
});
