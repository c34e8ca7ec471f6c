import { UsageError } from './usage-error.js';

/** A parser for an option that is a whole number. It never quotes what it got. */
export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(`${option}: not a number that fits; write a whole number from ${min} to ${max}`);
  };
}
