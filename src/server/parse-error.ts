import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** How long a connection is read on, so that its answer arrives, and how much. */
const LINGER_MS = 2000;
const LINGER_BYTES = 1024 * 1024;

const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const closing = new WeakSet<Socket>();

/**
 * Answers a request that Node could not parse, with the statuses that Node gives by itself.
 *
 * Closing a connection while bytes of the client lie unread resets it, and a reset takes the answer
 * away from a client or proxy that still sends (RFC 9112 §9.6). So our half is closed first, and
 * what comes is read and dropped for a while.
 */
export function answerParseError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (closing.has(socket)) return;
  closing.add(socket);
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  // Node's own rule: in the middle of another answer, a status line would be part of its body.
  if (!socket.writable || error.code === 'ECONNRESET' || answer?.headersSent) {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? 400;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
  let bytes = 0;
  // Without the parser, which would fail again at each chunk.
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) socket.destroy();
  });
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
