import { describe } from 'vitest';
import { acceptOnceOverProcesses } from '../processes.js';
import { storeFolder } from './folder.js';

const folder = storeFolder();

describe('processes on one store', () => {
  acceptOnceOverProcesses((name) => ({
    module: 'replay/lmdb/index.js',
    create: 'createLmdbGuard',
    options: { path: `${folder}-${name}` },
  }));
});
