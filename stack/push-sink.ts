// Run by itself: the push service for tests, on the port that is given.
import { startPushServer } from './push-server.ts';

await startPushServer(Number(process.argv[2]));
process.on('SIGTERM', () => process.exit(0));
