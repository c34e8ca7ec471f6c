import { expect, it } from 'vitest';
import { shownJid, stackPlaces } from '../../../src/text/safe.js';

it.each([
  ['alice@example.com', true],
  ['zoë@bücher.example', true],
  ['alice@example.com/phone', true],
  ['alice', false],
  ['@example.com', false],
  ['alice@', false],
  ['alice@example.com 1234', false],
  ['alice@exam\u0007ple.com', false],
  ['alice@example\u202e.com', false],
  [`a@${'b'.repeat(4000)}`, false],
])('shownJid shows %j: %s', (jid, isShown) => {
  expect(shownJid(jid)).toBe(isShown ? jid : null);
});

it('stackPlaces gives the places of an error, and no line of its message', () => {
  const error = new Error('S3cr3t\n    at S3cr3t (file.js:1:1)\nS3cr3t');
  const places = stackPlaces(error);
  expect(places[0]).toMatch(/^ {4}at .*safe\.test\.ts/);
  expect(places.join('\n')).not.toContain('S3cr3t');
  expect(stackPlaces(new Error())[0]).toMatch(/^ {4}at .*safe\.test\.ts/);
});
