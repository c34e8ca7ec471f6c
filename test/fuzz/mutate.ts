import type { Random } from '../../tools/testbed/random.js';
import { utf8 } from './target.js';

const MAX_BYTES = 4096;
const EDGES = [0, 1, 0x0a, 0x20, 0x2f, 0x3a, 0x40, 0x7f, 0x80, 0xc0, 0xff];

/** Another input, made of one and, now and then, of a second. */
export function mutated(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: Random,
): Uint8Array {
  let bytes = Buffer.from(input);
  const at = () => random(bytes.length + 1);
  const spliced = (from: number, taken: number, put: Uint8Array) => {
    bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + taken)]);
  };
  const overwrite = (value: number) => {
    if (bytes.length > 0) bytes[random(bytes.length)] = value;
  };
  const flip = () => {
    if (bytes.length > 0) bytes[random(bytes.length)]! ^= 1 << random(8);
  };
  const moves: readonly (() => void)[] = [
    flip,
    () => overwrite(random(256)),
    () => overwrite(EDGES[random(EDGES.length)]!),
    () => spliced(at(), 1 + random(8), new Uint8Array()),
    () =>
      spliced(
        at(),
        0,
        Uint8Array.from({ length: 1 + random(8) }, () => random(256)),
      ),
    () => {
      const from = at();
      spliced(at(), 0, bytes.subarray(from, from + 1 + random(32)));
    },
    () => {
      if (words.length > 0)
        spliced(at(), random(2) * random(8), utf8(words[random(words.length)]!));
    },
    () => {
      const from = random(other.length + 1);
      spliced(at(), random(2) * random(32), other.subarray(from, from + 1 + random(64)));
    },
  ];
  for (let left = 1 << random(4); left > 0; left--) moves[random(moves.length)]!();
  return bytes.subarray(0, MAX_BYTES);
}
