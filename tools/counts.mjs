// Prints the sums of the last `npm test` and `npm run test:slow`, for CI.
import { sayCounts } from './lib/outcome.mjs';

sayCounts(['fast', 'slow']);
