/** README shows the figures of the newest whole run of the bench. */
import { expect, it } from 'vitest';
import { shownTable, speedTable } from '../../tools/speed-table.mjs';

it('README shows the figures of the newest measurement', () => {
  // npm run bench -- --save writes it.
  expect(shownTable()).toContain(`-->\n${speedTable()}<!--`);
  expect(speedTable().trim().split('\n')).toHaveLength(2 + 5);
});
