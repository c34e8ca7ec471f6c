/** Whether `npm start` serves this page, which then asks its gateway on the page's behalf. */
export const hasGateway = new URLSearchParams(location.search).has('gateway');

/** A verdict of the gateway. It does not say why it refuses, unless it is configured to. */
export interface GatewayVerdict {
  readonly code: string;
  readonly meaning?: string;
}

/** Has the gateway verify a token, by `POST /v1/verify`. */
export async function askGateway(jid: string, token: string): Promise<GatewayVerdict> {
  const response = await fetch('gateway/verify', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jid, token }),
  });
  const answer = (await response.json()) as { ok?: boolean; code?: string };
  if (answer.ok === true) return { code: 'accepted' };
  if (answer.code !== undefined) return { code: answer.code };
  return {
    code: 'refused',
    meaning: `The gateway answers ${response.status} and does not say why, as to anyone who asks.`,
  };
}
