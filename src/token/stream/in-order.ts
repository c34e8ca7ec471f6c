import { described } from '../../check.js';

/** Starts the work on the items of a source. */
export interface Work<T, R> {
  /** Starts work on an item. Returns `undefined` if the item has no result. */
  begin(item: T): Promise<R> | undefined;
  /** Starts work on the rest after the source has ended. */
  end(): Promise<R> | undefined;
}

/**
 * An iterator, as `for await` uses it. Its methods may return values instead of promises, and may
 * throw.
 */
export interface Source<T> {
  next(): PromiseLike<IteratorResult<T>> | IteratorResult<T>;
  return?(value?: undefined): unknown;
}

/**
 * Yields the result of each item, in order. At most `depth` results are under way or not taken yet.
 * Finished results are yielded before an error of the source or of a later item is thrown.
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
    // A source that is still fetching an item may not end before it has the item.
    if (!hasEnded) {
      const ending = heard(endOf(source));
      if (asked === undefined) await ending.catch(() => {});
    }
  }
}

/** Marks a rejection as handled, because it may be handled later than the runtime allows. */
function heard<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => {});
  return promise;
}

/** Turns an error that is thrown synchronously into a rejection, so that it comes in its turn. */
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

/** Whether the first promise settles before the second, or both have settled. */
function isFirst(first: Promise<unknown>, second: Promise<unknown> | undefined): Promise<boolean> {
  const [yes, no] = [() => true, () => false];
  return second === undefined
    ? first.then(yes, yes)
    : Promise.race([first.then(yes, yes), second.then(no, no)]);
}
