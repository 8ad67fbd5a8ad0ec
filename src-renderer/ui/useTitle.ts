import { useEffect } from 'react';

/** The title of the window: what the page is about, the most particular first. */
export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter((part) => part !== undefined && part !== ''), 'Kradle'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
