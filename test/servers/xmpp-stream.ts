import { connect } from 'node:net';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** An XMPP stream before its login, written by hand, so that it can send malformed messages. */
export interface XmppStream {
  /**
   * Sends `<auth/>` with this text. @returns `success`, the condition of the failure, or `closed`.
   */
  auth(text: string): Promise<string>;
  close(): void;
}

/**
 * Opens a stream to a host, up to the offer of mechanisms. @param port - Of the server, on this
 * machine.
 */
export async function openStream(port: number, host: string): Promise<XmppStream> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let said = '';
  let isClosed = false;
  let wake = () => {};
  socket.on('data', (text) => {
    said += text;
    wake();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  const until = async (pattern: RegExp) => {
    while (!pattern.test(said) && !isClosed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  socket.write(
    `<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="${host}" version="1.0">`,
  );
  await until(/<\/mechanisms>/);
  return {
    async auth(text) {
      said = '';
      socket.write(`<auth xmlns="${SASL}" mechanism="PLAIN">${text}</auth>`);
      await until(/<success|<\/failure>/);
      if (/<success/.test(said)) return 'success';
      return /<failure[^>]*><([\w-]+)/.exec(said)?.[1] ?? 'closed';
    },
    close: () => void socket.destroy(),
  };
}
