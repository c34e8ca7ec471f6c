/** The report, and the tables of the pages that have one, are those of the newest results. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shownBlocks } from '../../bench/report/shown.js';
import { reportOf } from '../../bench/report/write.js';
import { ROOT } from '../../tools/lib/process.mjs';

describe('what is shown of the measurements', () => {
  for (const { page, pattern, text } of shownBlocks()) {
    it(`${page}, ${pattern.source.slice(6, 13)}: the newest results`, () => {
      // npm run bench -- --report writes it.
      expect(pattern.exec(readFileSync(join(ROOT, page), 'utf8'))?.[0]).toContain(`-->\n${text}<!--`);
    });
  }

  it('is a table of the gateway, of the soak and of the guards', () => {
    expect(shownBlocks().map(({ page }) => page)).toEqual([
      'bench/README.md',
      'bench/README.md',
      'docs/guards.md',
    ]);
  });

  it('is the report, with the goals of all of them, and without a script', () => {
    const report = readFileSync(join(ROOT, 'bench', 'results', 'report.html'), 'utf8');
    expect(report).toBe(reportOf());
    expect(report).toContain('POST /v1/verify over an empty Hono handler');
    expect(report).toContain('errors that nobody handled');
    expect(report).not.toContain('<script');
  });
});
