/** A stop of two workers whose log nobody reads, and one that cuts requests off. */
import { describe } from 'vitest';
import { stopsInTime, stopsWithoutReader } from './stop-cases.js';

describe.runIf(process.platform !== 'win32')('a stop with two workers', () => {
  stopsWithoutReader(2);
  stopsInTime(2);
});
