/**
 * The part of workerd's types that a shard needs. Projects that deploy to Cloudflare have its full
 * types.
 */
declare module 'cloudflare:workers' {
  interface SqlCursor<Row> {
    readonly rowsWritten: number;
    toArray(): Row[];
  }
  interface DurableObjectState {
    readonly storage: {
      readonly sql: {
        exec<Row = never>(query: string, ...bindings: (string | number)[]): SqlCursor<Row>;
      };
      transactionSync<T>(closure: () => T): T;
      setAlarm(scheduledTimeMs: number): Promise<void>;
      getAlarm(): Promise<number | null>;
    };
  }
  abstract class DurableObject<Env = unknown> {
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
    constructor(ctx: DurableObjectState, env: Env);
  }
}
