import type { Verdict } from '../../index.js';
import { isOutage } from '../../token/verdict.js';
import { accountOf, whenKnown } from '../checker.js';
import { RETRY_SECONDS } from '../http/answers.js';
import { cookiesOf, jidOfUser, parseAuthorization } from '../http/credentials.js';
import { headerText } from '../http/identity.js';
import { refusalOf } from '../http/refused.js';
import { type Refusal, whyNoCredentials } from '../refusal.js';
import type { RouteContext } from '../route-context.js';
import type { Session, Sessions } from '../session/sessions.js';
import type { SpoeAnswer, SpoeQuestion } from './spoe-question.js';

type Answer = SpoeAnswer | Promise<SpoeAnswer>;

/** Tokens that are verified together, and the questions that they answer. */
interface Batch {
  readonly places: number[];
  readonly jids: string[];
  readonly tokens: string[];
  readonly from: SpoeQuestion[];
}

const UNAVAILABLE: SpoeAnswer = { status: 503, retryAfter: `${RETRY_SECONDS}` };

/**
 * Answers HAProxy's questions as `/auth` does. A session in the cookie counts before
 * `Authorization`, which holds a token or a session. Tokens that can be verified at the same time
 * are verified in one call.
 *
 * @returns The answers in the order of the questions. An answer is a promise only if the store of
 *   sessions or the guard returned one.
 */
export function answerQuestions(
  context: RouteContext,
  questions: readonly SpoeQuestion[],
): readonly Answer[] {
  const failed = (error: unknown): SpoeAnswer => {
    context.observer.fault('spoe', error);
    return UNAVAILABLE;
  };
  try {
    return answersOf(context, questions).map((answer) =>
      answer instanceof Promise ? answer.catch(failed) : answer,
    );
  } catch (error) {
    const answer = failed(error);
    return questions.map(() => answer);
  }
}

function answersOf(context: RouteContext, questions: readonly SpoeQuestion[]): readonly Answer[] {
  const { checker, sessions, settings, login } = context;
  const answers: Answer[] = [];
  const batch: Batch = { places: [], jids: [], tokens: [], from: [] };

  const refused = (question: SpoeQuestion): SpoeAnswer => ({
    status: 401,
    ...refusalOf(question, login, settings.realm),
  });
  const ofVerdict = (question: SpoeQuestion, jid: string, { ok, code }: Verdict): SpoeAnswer => {
    if (ok) return accepted(jid);
    return isOutage(code) ? UNAVAILABLE : refused(question);
  };

  function refuse(question: SpoeQuestion, why: Refusal): SpoeAnswer {
    checker.refuse('spoe', why, { from: question });
    return refused(question);
  }

  /**
   * @param hadCookie - Whether the question had a session cookie. No such session was valid.
   * @param later - Collects tokens that are verified later. If undefined, a token is verified at
   *   once.
   */
  function byAuthorization(
    question: SpoeQuestion,
    place: number,
    hadCookie: boolean,
    later?: Batch,
  ): Answer {
    const { authorization } = question;
    const credentials = parseAuthorization(authorization);
    if (credentials === null) {
      if (authorization) return refuse(question, whyNoCredentials(authorization));
      // Without credentials there was no attempt.
      return hadCookie ? refuse(question, 'bad-session') : refused(question);
    }
    if (credentials.kind === 'bearer') {
      return whenKnown(sessions?.find(credentials.text) ?? null, (session) =>
        session === null ? refuse(question, 'bad-session') : accepted(session.jid),
      );
    }
    const jid = jidOfUser(credentials.user, settings.defaultHost);
    if (jid === null) return refuse(question, 'no-host');
    if (later !== undefined) {
      later.places.push(place);
      later.jids.push(jid);
      later.tokens.push(credentials.token);
      later.from.push(question);
      // `verifyAll` replaces this with the real answer.
      return UNAVAILABLE;
    }
    const verdicts = checker.checkBatch([jid], [credentials.token], 'spoe', [question]);
    return whenKnown(verdicts, ([verdict]) => ofVerdict(question, jid, verdict!));
  }

  questions.forEach((question, place) => {
    const texts =
      sessions === undefined ? [] : cookiesOf(question.cookie, sessions.settings.cookie);
    const found = sessions?.findFirst(texts) ?? null;
    const hadCookie = texts.length > 0;
    if (found instanceof Promise) {
      answers[place] = found.then((session) =>
        session === null
          ? byAuthorization(question, place, hadCookie)
          : ofSession(session, sessions!),
      );
    } else {
      answers[place] =
        found === null
          ? byAuthorization(question, place, hadCookie, batch)
          : ofSession(found, sessions!);
    }
  });
  if (batch.places.length > 0) verifyAll(batch);
  return answers;

  function verifyAll({ places, jids, tokens, from }: Batch): void {
    const verdicts = checker.checkBatch(jids, tokens, 'spoe', from);
    places.forEach((place, i) => {
      answers[place] = whenKnown(verdicts, (known) => ofVerdict(from[i]!, jids[i]!, known[i]!));
    });
  }
}

/** A session in the cookie is renewed, as `/auth` does. */
const ofSession = (session: Session, sessions: Sessions): SpoeAnswer =>
  accepted(session.jid, sessions.renewal(session));

function accepted(jid: string, setCookie?: string): SpoeAnswer {
  const account = accountOf(jid);
  return {
    status: 200,
    setCookie,
    jid: headerText(account.jid),
    user: headerText(account.user),
    host: headerText(account.host),
  };
}
