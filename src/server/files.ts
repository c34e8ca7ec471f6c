import { statSync } from 'node:fs';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { optionError } from '../errors.js';

type Fetch = (request: Request, env: object) => Response | Promise<Response>;

/**
 * An application with the files of a folder where it has no route. Only to try it: they are as public as the routes.
 *
 * @throws {VerifierError} `ERR_OPTION`: there is no such folder.
 */
export function withFiles(fetch: Fetch, folder: string): Fetch {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw optionError('--page', 'there is no such folder', 'check its name');
  }
  const files = new Hono();
  files.get('*', serveStatic({ root: folder }));
  return async (request, env) => {
    const answer = await fetch(request, env);
    return answer.status === 404 && request.method === 'GET' ? files.fetch(request, env) : answer;
  };
}
