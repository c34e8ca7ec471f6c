/** The report and the tables of the pages show the newest results. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shownBlocks } from '../../bench/report/shown.js';
import { reportOf } from '../../bench/report/write.js';
import { ROOT } from '../../tools/lib/process.mjs';

describe('the published measurements', () => {
  for (const { page, pattern, text } of shownBlocks()) {
    it(`on ${page} are the newest results: ${pattern.source.slice(6, 13)}`, () => {
      // npm run bench -- --report --save writes it.
      expect(pattern.exec(readFileSync(join(ROOT, page), 'utf8'))?.[0]).toContain(
        `-->\n${text}<!--`,
      );
    });
  }

  it('include a table of the gateway, of the soak and of the guards', () => {
    expect(shownBlocks().map(({ page }) => page)).toEqual([
      'bench/README.md',
      'bench/README.md',
      'docs/guards-sizing.md',
    ]);
  });

  it('include a report without a script, with the goals of all measurements', {
    timeout: 60_000,
  }, () => {
    const report = reportOf();
    expect(report).toContain('POST /v1/verify over a handler that reads its JSON');
    expect(report).toContain('errors that nobody handled');
    expect(report).not.toContain('<script');
  });
});
