/**
 * Instants and numbers on the command line: one spelling each, and nothing that is only nearly one.
 */
import { describe, expect, it } from 'vitest';
import { parseInstant, UsageError, wholeNumber } from '../../../src/cli/command.js';

describe('--at', () => {
  it.each([
    ['2026-02-28', Date.UTC(2026, 1, 28)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00Z', Date.UTC(2000, 1, 29)],
    ['2026-12-31T23:59:59.999Z', Date.UTC(2026, 11, 31, 23, 59, 59, 999)],
    ['2026-01-31T12:00:00+23:59', Date.UTC(2026, 0, 30, 12, 1)],
    ['2026-03-01T00:30+01:00', Date.UTC(2026, 1, 28, 23, 30)],
    ['1970-01-01', 0],
    ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['0', 0],
    ['007', 7],
    ['999999999999999', 999_999_999_999_999],
  ])('--at takes %s as that instant', (text, timeMs) => {
    expect(parseInstant(text)).toBe(timeMs);
  });

  it.each([
    // Days that the month does not have.
    '2026-02-29',
    '2026-02-30',
    '2026-02-31T12:00Z',
    '2026-04-31',
    '2026-06-31T00:00:00+02:00',
    '2026-11-31',
    '1900-02-29',
    '2100-02-29',
    '2026-00-10',
    '2026-13-01',
    '2026-01-00',
    '2026-01-32',
    // Times that no clock shows, and leap seconds, which POSIX time does not count.
    '2026-01-31T24:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T25:00Z',
    '2026-01-31T12:60Z',
    '2016-12-31T23:59:60Z',
    '2026-01-31T12:00:61Z',
    '2026-01-31T12:00+24:00',
    '2026-01-31T12:00+01:60',
    // Years before 1970, of another length, and beyond the range.
    '1969-12-31',
    '1970-01-01T00:00+00:01',
    '0000-01-01',
    '26-01-31',
    '10000-01-01',
    '+002026-01-31',
    '1000000000000000',
    // Other spellings.
    '0x10',
    '1e3',
    '1.5',
    '-1',
    '+1',
    '1_000',
    ' 5',
    '5 ',
    '2026-01-31 ',
    '2026-01-31 12:00Z',
    '2026-01-31T12:00',
    '2026-01-31t12:00z',
    '2026-01-31T12:00:00,5Z',
    '2026-1-31',
    '2026-031',
    '２０２６-01-31',
    'now',
    'NaN',
    'Infinity',
    '',
  ])('--at refuses "%s" as no instant of one spelling', (text) => {
    expect(() => parseInstant(text)).toThrow(UsageError);
    expect(() => parseInstant(text)).toThrow(/^--at: not a time; write it as /);
  });
});

describe('a number option', () => {
  const parse = wholeNumber('--digits', 0, 100);

  it.each(['0', '7', '007', '100'])('a number option takes %s', (text) => {
    expect(parse(text)).toBe(Number(text));
  });

  it.each([
    '',
    ' ',
    ' 7',
    '7 ',
    '0x7',
    '0b1',
    '1e1',
    '7.0',
    '-0',
    '-7',
    '+7',
    '1_0',
    '٧',
    '101',
    '9'.repeat(40),
    'NaN',
  ])('a number option refuses "%s", and quotes nothing of it', (text) => {
    expect(() => parse(text)).toThrow(
      '--digits: not a number in the range; write a whole number from 0 to 100',
    );
  });
});
