// The counts of the last `npm test` and `npm run test:slow` together, for CI.
import { sayCounts } from './lib/outcome.mjs';

sayCounts(['fast', 'slow']);
