// Writes build/api, the reference of the public interface.
import { buildApi } from './lib/api.mjs';
import { program } from './lib/process.mjs';

void program(() => buildApi());
