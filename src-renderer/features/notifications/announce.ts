import type { NotificationPreferences, NotificationView } from '#shared/api/notifications';

/** Whether the browser, or the desktop app, shows what this window asks it to. */
export function canShow(): NotificationPermission | 'unsupported' {
  return 'Notification' in window ? Notification.permission : 'unsupported';
}

/** Shows new notifications outside the page while nobody looks at it, those that the person wants to see there. */
export function announce(items: readonly NotificationView[], preferences: NotificationPreferences): void {
  const wanted = items.filter((item) => preferences.types[item.type].desktop && claim(item.id));
  if (wanted.length === 0) return;
  if (preferences.sound) chime();
  if (document.visibilityState === 'visible' || canShow() !== 'granted') return;
  for (const item of wanted) {
    const shown = new Notification(item.title, { tag: `kradle-${item.id}`, ...(item.body === undefined ? {} : { body: item.body }) });
    shown.onclick = () => {
      window.focus();
      if (item.href !== undefined) window.location.assign(item.href);
    };
  }
}

const ANNOUNCED_KEY = 'kradle.notifications.announced';

/** One window of a browser speaks for all of them. */
function claim(id: number): boolean {
  const last = Number(localStorage.getItem(ANNOUNCED_KEY) ?? 0);
  if (id <= last) return false;
  localStorage.setItem(ANNOUNCED_KEY, String(id));
  return true;
}

/** A short, soft tone; browsers let a page sound only after somebody has used it. */
function chime(): void {
  try {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = 660;
    volume.gain.setValueAtTime(0.08, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.25);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.25);
    tone.onended = () => void audio.close();
  } catch {
    // No sound device: the notification is there all the same.
  }
}
