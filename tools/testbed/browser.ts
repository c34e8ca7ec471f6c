import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.js';
import { type Site, serve } from './web-server.js';

/** How to start a browser that opens a page by itself. */
export interface Browser {
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @param profile - A folder of its own, empty, gone afterwards. */
  args(url: string, profile: string): readonly string[];
}

export interface VisitOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Opens a site's first page in a browser, and returns what it posts to /report. */
export async function visit(
  browser: Browser,
  site: Site,
  { headers = {}, timeoutMs = 60_000 }: VisitOptions = {},
): Promise<unknown> {
  const server = await serve(site, headers);
  const profile = mkdtempSync(join(tmpdir(), 'totp-token browser '));
  const env = { ...browser.env, HOME: profile, XDG_RUNTIME_DIR: profile };
  const child = new Child(browser.file, browser.args(server.url, profile), { env });
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const fail = (why: string) =>
      reject(new Error(`${browser.file}: ${why}\n${child.stdout}${child.stderr}`));
    timer = setTimeout(() => fail(`no report within ${timeoutMs} ms`), timeoutMs);
    void child.ended.then((code) => fail(`ended with ${code} before its report`));
  });
  try {
    return await Promise.race([server.report, silence]);
  } finally {
    clearTimeout(timer);
    await child.stop();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * A script of a page that posts what an expression gives, or the error that it ends with, to the
 * server that opened it: its own, or the one that is named behind the `#` of its address.
 */
export const reporting = (imports: string, expression: string): string => `${imports}
const post = (report) =>
  fetch(location.hash.slice(1) + '/report', { method: 'POST', mode: 'no-cors', body: JSON.stringify(report) });
const describe = (error) => ({ error: String(error), code: error?.code, message: error?.message });
export const done = Promise.resolve().then(async () => ${expression}).then(post, (error) => post(describe(error)));
`;

export const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>totp-token</title><link rel="icon" href="data:,">
<script type="module" src="/page.js"></script></html>
`;

/** A site that sends its visitor on, so that another server's page reports here. */
export const sendTo = (url: string): Site => ({
  '/': { text: '<!doctype html><script type="module" src="/page.js"></script>' },
  '/page.js': { text: `location.replace(${JSON.stringify(url)} + '#' + location.origin);` },
});
