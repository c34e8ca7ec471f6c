/**
 * Every code point, in all planes. `stringprep.test.ts` tries those that differ from their
 * neighbours.
 */
import { codePointsLikeProsody } from './code-points.js';

codePointsLikeProsody('all code points', () => true);
