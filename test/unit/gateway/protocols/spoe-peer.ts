/** HAProxy's side of the protocol, written from doc/SPOE.txt for tests: it shares no code with ours. */

/** SPOE.txt §3.1, "Peers encoding". */
export function varint(value: number | bigint): number[] {
  let rest = BigInt(value);
  if (rest < 240n) return [Number(rest)];
  const bytes = [Number(240n | (rest & 15n))];
  rest = (rest - 240n) >> 4n;
  while (rest >= 128n) {
    bytes.push(Number(128n | (rest & 127n)));
    rest = (rest - 128n) >> 7n;
  }
  return [...bytes, Number(rest)];
}

export const string = (text: string | Uint8Array): number[] => {
  const bytes = [...Buffer.from(text as string)];
  return [...varint(bytes.length), ...bytes];
};

/** Typed data. */
export const NULL = [0];
export const TRUE = [0x11];
export const FALSE = [0x01];
export const uint32 = (value: number) => [3, ...varint(value)];
export const ipv4 = (...bytes: number[]) => [6, ...bytes];
export const ipv6 = (...bytes: number[]) => [7, ...bytes];
export const text = (value: string | Uint8Array) => [8, ...string(value)];
export const binary = (value: string | Uint8Array) => [9, ...string(value)];

export const FIN = [0, 0, 0, 1];

/** A frame with its length before it. */
export function frame(type: number, payload: number[], ids = [0, 0], flags = FIN): Buffer {
  const body = [type, ...flags, ...ids, ...payload];
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(body)]);
}

/** A list of names and typed data. */
export const kv = (fields: Readonly<Record<string, number[]>>): number[] =>
  Object.entries(fields).flatMap(([name, value]) => [...string(name), ...value]);

export const HELLO_FIELDS = {
  'supported-versions': text('2.0'),
  'max-frame-size': uint32(16380),
  capabilities: text('pipelining,async'),
  'engine-id': text('3F7A0000-0000-0000-0000-000000000000'),
};

export const hello = (fields: Readonly<Record<string, number[]>> = HELLO_FIELDS): Buffer =>
  frame(1, kv(fields));

export const haproxyDisconnect = (status = 0): Buffer =>
  frame(2, kv({ 'status-code': uint32(status), message: text('bye') }));

export type Arguments = readonly (readonly [name: string, value: number[]])[];

export const message = (args: Arguments, name = 'totp-token'): number[] => [
  ...string(name),
  args.length,
  ...args.flatMap(([key, value]) => [...string(key), ...value]),
];

/** A NOTIFY of one stream with these messages. */
export const notify = (id: number, ...messages: number[][]): Buffer =>
  frame(3, messages.flat(), [...varint(id), ...varint(1)]);

/** A question with these headers. */
export const ask = (id: number, headers: { authorization?: string; cookie?: string }): Buffer =>
  notify(
    id,
    message([
      ['authorization', headers.authorization === undefined ? NULL : text(headers.authorization)],
      ['cookie', headers.cookie === undefined ? NULL : text(headers.cookie)],
      ['client', ipv4(192, 0, 2, 7)],
    ]),
  );

export interface Said {
  readonly type: 'hello' | 'disconnect' | 'ack';
  readonly stream: number;
  readonly frame: number;
  /** Of a HELLO or a DISCONNECT. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Of an ACK: variables that are set, and null for those that are unset. */
  readonly vars: Readonly<Record<string, unknown>>;
}

/** All frames that an agent has sent. */
export function heard(bytes: Uint8Array): Said[] {
  const buffer = Buffer.from(bytes);
  const said: Said[] = [];
  let at = 0;
  const byte = () => buffer.readUInt8(at++);
  const number = () => {
    let value = byte();
    if (value < 240) return value;
    for (let shift = 4; ; shift += 7) {
      const next = byte();
      value += next * 2 ** shift;
      if (next < 128) return value;
    }
  };
  const chars = () => {
    const length = number();
    at += length;
    return buffer.toString('utf8', at - length, at);
  };
  const datum = () => {
    const type = byte();
    if (type === 3) return number();
    if (type === 8) return chars();
    throw new Error(`an agent of ours sends no data of type ${type}`);
  };
  while (at < buffer.length) {
    const end = at + 4 + buffer.readUInt32BE(at);
    at += 4;
    const type = ({ 101: 'hello', 102: 'disconnect', 103: 'ack' } as const)[byte()];
    if (type === undefined || buffer.readUInt32BE(at) !== 1)
      throw new Error('no frame of an agent');
    at += 4;
    const [stream, id] = [number(), number()];
    const fields: Record<string, unknown> = {};
    const vars: Record<string, unknown> = {};
    while (at < end) {
      if (type !== 'ack') {
        const name = chars();
        fields[name] = datum();
        continue;
      }
      const [action, count, scope] = [byte(), byte(), byte()];
      if (scope !== 2 || count !== (action === 1 ? 3 : 2)) throw new Error('no action');
      const name = chars();
      vars[name] = action === 1 ? datum() : null;
    }
    if (at !== end) throw new Error('a frame has another length than it says');
    said.push({ type, stream, frame: id, fields, vars });
  }
  return said;
}
