import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';

type Fetch = (request: Request, env: object) => Response | Promise<Response>;

/** An application with the files of a folder where it has no route. Only to try it: they are as public as the routes. */
export function withFiles(fetch: Fetch, folder: string): Fetch {
  const files = new Hono();
  files.get('*', serveStatic({ root: folder }));
  return async (request, env) => {
    const answer = await fetch(request, env);
    return answer.status === 404 && request.method === 'GET' ? files.fetch(request, env) : answer;
  };
}
