import { described } from '../../check.js';

/** What becomes of the items of a source. */
export interface Work<T, R> {
  /** Begins with an item. `undefined`: nothing comes of it. */
  begin(item: T): Promise<R> | undefined;
  /** Begins with what is left when the source has ended. */
  end(): Promise<R> | undefined;
}

/**
 * An iterator as `for await` uses one: what its methods give need be no promise, and they may
 * throw.
 */
export interface Source<T> {
  next(): PromiseLike<IteratorResult<T>> | IteratorResult<T>;
  return?(value?: undefined): unknown;
}

/**
 * Gives what becomes of each item, in the order of the items, with `depth` of them under way at
 * most: that many are neither finished nor taken. What has been finished is given before an error
 * of the source, or of a later item, is thrown.
 */
export async function* inOrder<T, R>(
  source: Source<T>,
  depth: number,
  work: Work<T, R>,
): AsyncGenerator<R, void, undefined> {
  const underWay: Promise<R>[] = [];
  const add = (begun: Promise<R> | undefined) => begun && underWay.push(heard(begun));
  let asked: Promise<IteratorResult<T>> | undefined;
  let hasEnded = false;
  let fault: { readonly error: unknown } | undefined;
  try {
    while (true) {
      if (!hasEnded && fault === undefined && asked === undefined && underWay.length < depth) {
        asked = heard(nextOf(source));
      }
      if (asked !== undefined && (await isFirst(asked, underWay[0]))) {
        const item = asked;
        asked = undefined;
        try {
          hasEnded = true;
          const { done = false, value } = await item;
          hasEnded = done;
          add(done ? work.end() : work.begin(value));
        } catch (error) {
          fault = { error };
        }
      } else if (underWay.length > 0) {
        yield await (underWay.shift() as Promise<R>);
      } else {
        if (fault !== undefined) throw fault.error;
        return;
      }
    }
  } finally {
    // A source that still looks for the item it was asked for may not end before it has it.
    if (!hasEnded) {
      const ending = heard(endOf(source));
      if (asked === undefined) await ending.catch(() => {});
    }
  }
}

/** A promise whose rejection is dealt with, though perhaps later than the runtime waits for it. */
function heard<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => {});
  return promise;
}

/** An error that is thrown on the spot comes in its turn, like one that is promised. */
async function nextOf<T>(source: Source<T>): Promise<IteratorResult<T>> {
  const result: unknown = await source.next();
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    throw new TypeError(`source: next() must give an object: got ${described(result)}`);
  }
  return result as IteratorResult<T>;
}

async function endOf<T>(source: Source<T>): Promise<unknown> {
  return source.return?.();
}

/** Whether the first settles first, or both have. */
function isFirst(first: Promise<unknown>, second: Promise<unknown> | undefined): Promise<boolean> {
  const [yes, no] = [() => true, () => false];
  return second === undefined
    ? first.then(yes, yes)
    : Promise.race([first.then(yes, yes), second.then(no, no)]);
}
