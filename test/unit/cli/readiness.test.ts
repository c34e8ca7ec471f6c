import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { Context } from '../../../src/cli/context.js';
import { notifyReady } from '../../../src/cli/readiness.js';

const contextOf = (env: Context['env']) =>
  ({ stderr: new PassThrough(), env }) as unknown as Context;
const saidBy = ({ stderr }: Context): string => `${(stderr as PassThrough).read() ?? ''}`;

it('says nothing to nobody where systemd does not wait', async () => {
  const context = contextOf({ PATH: '/nowhere' });
  await notifyReady(context);
  expect(saidBy(context)).toBe('');
});

it('warns, and goes on, where systemd waits and cannot be told', async () => {
  const context = contextOf({ PATH: '/nowhere', NOTIFY_SOCKET: '/nowhere/notify' });
  await notifyReady(context);
  expect(saidBy(context)).toMatch(
    /^warning: systemd-notify cannot be run \(ENOENT\): .*; write Type=exec into the unit\n$/,
  );
});
