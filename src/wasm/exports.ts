/** The exports of the core. assembly/index.ts has the contract of each. */
export interface CoreExports {
  abi(): number;
  readonly memory: WebAssembly.Memory;
  inputAddress(): number;
  inputBytes(): number;
  jidAddress(): number;
  digestAddress(): number;

  hashBegin(algorithm: number): void;
  hashUpdate(algorithm: number, length: number): void;
  hashFinish(algorithm: number): void;

  keyCreate(algorithm: number, length: number): number;
  keyFree(record: number): void;
  mac(algorithm: number, record: number, length: number): void;
  macBegin(algorithm: number, record: number): void;
  macFinish(algorithm: number, record: number): void;
  hotpCode(
    algorithm: number,
    record: number,
    counterHigh: number,
    counterLow: number,
    digits: number,
  ): void;

  configure(
    past: number,
    future: number,
    digits: number,
    nonceMin: number,
    nonceMax: number,
    algorithm: number,
  ): void;
  hostCreate(length: number): number;
  hostAddKey(host: number, seedLength: number, secretLength: number): number;
  hostLink(host: number): void;
  hostFind(length: number): number;
  hostRemove(host: number): void;

  guardCreate(generations: number, capacity: number, firstStep: number): number;
  guardStep(index: number): number;
  guardEntries(index: number): number;
  guardBytes(generations: number, capacity: number): number;
  guardDefer(): void;
  guardSettle(count: number, step: number): void;
  marksAddress(): number;

  verify(length: number, jidLength: number, step: number, askPrepared: boolean): number;
  verifyJoined(
    tokens: number,
    length: number,
    end: number,
    step: number,
    askPrepared: boolean,
  ): number;
  verifyLines(end: number, step: number, askPrepared: boolean): number;
  answersAddress(): number;
  batchSize(): number;
  issue(nonceDigits: number, jidLength: number, step: number, askPrepared: boolean): number;
  wipe(): void;
}

/** The additional exports of the build for threads. assembly/shared.ts has the contract of each. */
export interface SharedCoreExports extends CoreExports {
  regionsStart(): number;
  regionBytes(): number;
  shareRegion(at: number, bytes: number, thread: number): void;
  regionWipe(at: number, bytes: number, isGone: boolean): void;
  shareGuard(at: number, generations: number, capacity: number, firstStep: number): void;
  guardOpenAfter(thread: number, at: number): number;
}
