import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Context, warn } from './context.js';

/**
 * Tells systemd that the service is ready, if the unit has `Type=notify`: sends `READY=1` to the
 * socket that `NOTIFY_SOCKET` names (sd_notify(3)). Node cannot send to a unix datagram socket, so
 * this runs systemd's own program. The unit needs `NotifyAccess=all` for that. Does nothing without
 * the variable.
 */
export async function notifyReady(context: Context): Promise<void> {
  const { NOTIFY_SOCKET, PATH } = context.env;
  if (!NOTIFY_SOCKET) return;
  try {
    const child = spawn('systemd-notify', ['--ready'], {
      stdio: 'ignore',
      env: { NOTIFY_SOCKET, PATH },
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) warn(context, `systemd-notify ended with ${code ?? 'a signal'}: ${FIX}`);
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    warn(context, `systemd-notify cannot be run (${code}): ${FIX}`);
  }
}

const FIX = 'systemd does not know that the gateway is ready; write Type=exec into the unit';
