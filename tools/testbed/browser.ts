import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, HANG_MS } from './child.js';
import { type Site, serve, type WebServer } from './web-server.js';

/** A page that is open in a browser. */
export interface Visit {
  /** Resolves with the reason if the browser ends by itself. */
  readonly ended: Promise<string>;
  /** The output of the browser. */
  output(): string;
  close(): Promise<void>;
}

export interface Browser {
  readonly name: string;
  /** Opens a page that shares no storage with any other. */
  open(url: string): Promise<Visit>;
}

/** A browser program that opens a page when it starts. */
export interface BrowserProgram {
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @param profile - An empty folder, which is removed afterwards. */
  args(url: string, profile: string): readonly string[];
}

/** Starts a new browser for each page. */
export const startedForEach = ({ file, env, args }: BrowserProgram): Browser => ({
  name: file,
  async open(url) {
    const profile = mkdtempSync(join(tmpdir(), 'totp-token browser '));
    const child = new Child(file, args(url, profile), {
      env: { ...env, HOME: profile, XDG_RUNTIME_DIR: profile },
    });
    return {
      ended: child.ended.then((code) => `ended with ${code}`),
      output: () => `${child.stdout}${child.stderr}`,
      async close() {
        await child.stop();
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  },
});

/** A site, and the headers of all its answers. */
export interface Stage {
  /** @param next - The address that the page opens after its report, if there is one. */
  readonly site: (next: string | undefined) => Site;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens a site's first page in a browser, and returns its POST to /report. */
export const visit = async (
  browser: Browser,
  site: Site,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> => (await visitAll(browser, [{ site: () => site, headers }]))[0];

/**
 * Visits several sites with one start of the browser. Each site sends the browser to the next one.
 */
export async function visitAll(browser: Browser, stages: readonly Stage[]): Promise<unknown[]> {
  const servers: WebServer[] = [];
  for (const { site, headers } of [...stages].reverse())
    servers.unshift(await serve(site(servers[0]?.url), headers));
  const visit = await browser.open(servers[0]?.url ?? '');
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const fail = (why: string) => reject(new Error(`${browser.name}: ${why}\n${visit.output()}`));
    timer = setTimeout(() => fail('no report, as if it hung'), HANG_MS);
    void visit.ended.then((why) => fail(`${why} before its report`));
  });
  try {
    return await Promise.race([Promise.all(servers.map(({ report }) => report)), silence]);
  } finally {
    clearTimeout(timer);
    await visit.close();
    for (const server of servers) server.close();
  }
}

/**
 * Makes a script for a page. It posts the value of an expression, or its error, to the page's
 * server, or to the one that is named after `#` in its address. Then it opens `next`, if there is
 * one.
 */
export const reporting = (imports: string, expression: string, next?: string): string => `${imports}
const post = (report) =>
  fetch(location.hash.slice(1) + '/report', { method: 'POST', mode: 'no-cors', body: JSON.stringify(report) });
const describe = (error) => ({ error: String(error), code: error?.code, message: error?.message });
export const done = Promise.resolve().then(async () => ${expression}).then(post, (error) => post(describe(error)));
${next === undefined ? '' : `done.then(() => location.replace(${JSON.stringify(next)}));`}
`;

export const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>totp-token</title><link rel="icon" href="data:,">
<script type="module" src="/page.js"></script></html>
`;

/** A site that redirects to a page of another server, which then reports here. */
export const sendTo = (url: string): Site => ({
  '/': { text: '<!doctype html><script type="module" src="/page.js"></script>' },
  '/page.js': { text: `location.replace(${JSON.stringify(url)} + '#' + location.origin);` },
});
