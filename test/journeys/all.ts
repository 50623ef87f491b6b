// Every journey, for whichever target it is asked of.
import type { Target } from '../harness.ts';
import { attention } from './attention.ts';
import { changing } from './changing.ts';
import { conversations } from './conversations.ts';
import { counting } from './counting.ts';
import { doors } from './doors.ts';
import { files } from './files.ts';
import { history } from './history.ts';
import { lookingBack } from './looking-back.ts';
import { mailed, mailing } from './mailing.ts';
import { oneself } from './oneself.ts';
import { personal } from './personal.ts';
import { pinning } from './pinning.ts';
import { problems } from './problems.ts';
import { randomLife } from './random-life.ts';
import { resync } from './resync.ts';
import { searching } from './searching.ts';
import { secrets } from './secrets.ts';
import { sending } from './sending.ts';
import { signingIn } from './signing-in.ts';
import { telling } from './telling.ts';

export const allJourneys = (target: () => Target): void => {
  for (const journey of [
    mailing,
    signingIn,
    conversations,
    sending,
    changing,
    pinning,
    attention,
    files,
    personal,
    oneself,
    history,
    lookingBack,
    resync,
    searching,
    counting,
    secrets,
    telling,
    doors,
    problems,
    randomLife,
    mailed,
  ])
    journey(target);
};
