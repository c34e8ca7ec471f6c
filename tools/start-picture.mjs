// Draws docs/start.svg, the picture in README, from a run of `npm start`. test/package/start.test.ts
// fails when the picture is no longer what a run prints; then run this file and commit the picture.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmStart, verify } from './lib/npm-start.mjs';
import { program, ROOT } from './lib/process.mjs';
import { startPicture } from './lib/start-picture.mjs';

void program(async () => {
  const started = await npmStart();
  try {
    const answers = [await verify(started), await verify(started)];
    writeFileSync(join(ROOT, 'docs', 'start.svg'), startPicture(started, answers));
  } finally {
    await started.stop();
  }
  process.stdout.write('written: docs/start.svg\n');
});
