import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findProgram } from './debian.mjs';

/** Binds a datagram socket, prints `bound`, and prints each message on a separate line. */
const RECEIVER = `
use IO::Socket::UNIX; use Socket qw(SOCK_DGRAM); $| = 1;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$!";
print "bound\\n";
my $message;
while (defined recv($socket, $message, 4096, 0)) { print "$message\\n"; last if $message =~ /READY/; }
`;

/** The part of systemd that a service of Type=notify talks to: a datagram socket, held by Perl. */
export class NotifySocket {
  readonly #path: string;
  readonly #child: ChildProcess | undefined;
  readonly #lines: AsyncIterator<string> | undefined;

  private constructor(path: string, child: ChildProcess | undefined) {
    this.#path = path;
    this.#child = child;
    this.#lines =
      child === undefined
        ? undefined
        : createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /** Opens the socket. Without Perl or systemd-notify, the result is not usable. */
  static async open(path: string): Promise<NotifySocket> {
    const perl = findProgram('systemd-notify') && findProgram('perl');
    if (perl === undefined) return new NotifySocket(path, undefined);
    const child = spawn(perl, ['-e', RECEIVER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const socket = new NotifySocket(path, child);
    await socket.#line();
    return socket;
  }

  get isUsable(): boolean {
    return this.#child !== undefined;
  }

  /** What systemd adds to the environment of the service. */
  get env(): Record<string, string> {
    return this.isUsable ? { NOTIFY_SOCKET: this.#path } : {};
  }

  /** The first message with READY. The receiver has ended then. */
  async message(): Promise<string> {
    const message = await this.#line();
    if (this.#child?.exitCode === null) await once(this.#child, 'exit');
    return message;
  }

  /** Ends the receiver. */
  close(): void {
    this.#child?.kill();
  }

  async #line(): Promise<string> {
    return (await this.#lines?.next())?.value ?? '';
  }
}
