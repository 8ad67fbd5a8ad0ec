/** The task that one was writing: closing the dialog, or a reload, must not lose it. Kept for this tab. */

export function readDraft(org: string): string {
  return sessionStorage.getItem(keyOf(org)) ?? '';
}

export function writeDraft(org: string, text: string): void {
  try {
    sessionStorage.setItem(keyOf(org), text);
  } catch {
    // Storage is closed or full: the draft lasts as long as the dialog.
  }
}

export function forgetDraft(org: string): void {
  sessionStorage.removeItem(keyOf(org));
}

function keyOf(org: string): string {
  return `kradle.dispatch.${org}`;
}
