import { useEffect, useRef, type RefObject } from 'react';

/** How long a question ignores answers after it appears: a key or a click on its way was meant for something else. */
export const ARM_DELAY_MS = 500;

/** True once the question has been on the screen for half a second. Read it in event handlers. */
export function useArmed(): RefObject<boolean> {
  const armed = useRef(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      armed.current = true;
    }, ARM_DELAY_MS);
    return () => clearTimeout(timer);
  }, []);
  return armed;
}
