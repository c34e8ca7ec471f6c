import { client } from '@xmpp/client';
import { tokenCredentials, XToken } from '../../src/xmpp/index.js';

/**
 * Logs in with the real @xmpp/client, by X-TOKEN, and gives the JID, or the condition of the
 * failure.
 */
export async function login(
  service: string,
  username: string,
  token: string,
  domain = 'example.com',
): Promise<string> {
  const credentials = tokenCredentials(username, async () => token, { allowUnencrypted: true });
  const xmpp = client({ service, domain, credentials } as never);
  // Missing in the types.
  (xmpp as unknown as { saslFactory: { use(mechanism: unknown): void } }).saslFactory.use(XToken);
  (xmpp as unknown as { reconnect: { stop(): void } }).reconnect.stop();
  xmpp.on('error', () => {});
  try {
    return String((await xmpp.start()).bare());
  } catch (error) {
    return (error as { condition?: string }).condition ?? String(error);
  } finally {
    await xmpp.stop().catch(() => {});
  }
}
