import { describe } from 'vitest';
import { acceptOnceOverProcesses } from '../processes.js';
import { storeFolder } from './folder.js';

const folder = storeFolder();

describe('processes on one store', () => {
  acceptOnceOverProcesses(4000, (name) => ({
    module: 'guards/lmdb/index.js',
    create: 'createLmdbGuard',
    options: { path: `${folder}-${name}` },
  }));
});
