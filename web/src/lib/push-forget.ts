// Nothing of a person's pushes stays in this browser: what was subscribed, and what is still shown.
import { forgetMemory } from './push-memory.ts';

export const registrationNow = async (): Promise<ServiceWorkerRegistration | undefined> =>
  navigator.serviceWorker?.getRegistration();

export const forgetPush = async (): Promise<void> => {
  // First, because from here on the worker shows nothing, whatever becomes of the rest.
  await forgetMemory().catch(() => undefined);
  const registration = await registrationNow();
  for (const notice of (await registration?.getNotifications()) ?? []) notice.close();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
};
