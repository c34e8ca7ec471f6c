/** Forms of a text: those that are as good as the text, and values that are none. */
import { runInNewContext } from 'node:vm';

export const utf8 = (text: string) => new TextEncoder().encode(text);
const filled = <B extends ArrayBufferLike>(buffer: B, text: string) => {
  const bytes = new Uint8Array(buffer);
  bytes.set(utf8(text));
  return bytes;
};
const resizable = (text: string): { buffer: ArrayBuffer; bytes: Uint8Array } => {
  const size = utf8(text).length;
  const buffer = Reflect.construct(ArrayBuffer, [size, { maxByteLength: 4 * size }]);
  return { buffer, bytes: filled(buffer, text) };
};
const hostile = (text: string) => {
  const fail = {
    get: () => {
      throw new Error('a getter');
    },
  };
  const names = ['length', 'byteLength', 'buffer', 'constructor', Symbol.toStringTag, 'subarray'];
  return Object.defineProperties(
    utf8(text),
    Object.fromEntries(names.map((name) => [name, fail])) as PropertyDescriptorMap,
  );
};

/** Forms of a text that are as good as the text. */
export const GOOD: Readonly<Record<string, (text: string) => unknown>> = {
  text: (text) => text,
  'text of many parts': (text) => [...text].reduce((all, char) => all + char, ''),
  bytes: utf8,
  'a Buffer': (text) => Buffer.from(text),
  'a part of a larger array': (text) => utf8(`<<${text}>>`).subarray(2, -2),
  'bytes of another realm': (text) =>
    runInNewContext('Uint8Array.from(codes)', { codes: [...utf8(text)] }),
  'text of another realm': (text) => runInNewContext('text', { text }),
  'shared bytes': (text) => filled(new SharedArrayBuffer(utf8(text).length), text),
  'bytes that can be resized': (text) => resizable(text).bytes,
  'bytes whose properties throw': hostile,
};

/** Values that are no text, or no longer. */
export const BAD: Readonly<Record<string, (text: string) => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  'a number': () => 7,
  'a bigint': () => 7n,
  'a symbol': () => Symbol('jid'),
  'a function': (text) => () => text,
  'a String object': (text) => new String(text),
  'an object that turns into text': (text) => ({ toString: () => text, length: text.length }),
  'an array of one text': (text) => [text],
  'an ArrayBuffer': (text) => utf8(text).buffer,
  'a DataView': (text) => new DataView(utf8(text).buffer),
  'other numbers': (text) => Uint16Array.from(utf8(text)),
  'a proxy of bytes': (text) => new Proxy(utf8(text), {}),
  'an object with the tag of bytes': () => ({ [Symbol.toStringTag]: 'Uint8Array', length: 17 }),
  'bytes whose buffer was transferred': (text) => {
    const bytes = utf8(text);
    structuredClone(null, { transfer: [bytes.buffer] });
    return bytes;
  },
  'bytes whose buffer has shrunk': (text) => {
    const { buffer, bytes } = resizable(text);
    (buffer as ArrayBuffer & { resize(size: number): void }).resize(0);
    return bytes;
  },
  'megabytes of text': () => 'x'.repeat(5_000_000),
  'megabytes of bytes': () => new Uint8Array(5_000_000),
  'a lone surrogate': (text) => `${text.slice(0, -1)}\ud800`,
  'no text': () => '',
};
