import { NATIVE } from '../native/name.js';
import type { NativeSide } from './native-side.js';

export const nativeSide = async (): Promise<NativeSide> => ({
  candidates: [],
  leftOut: [{ name: NATIVE, reason: 'a page starts no program' }],
  stop() {},
});
