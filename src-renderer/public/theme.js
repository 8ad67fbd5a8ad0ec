// Runs before the first paint, so that a chosen theme does not flash the other one. The key is ui/theme.ts's.
try {
  const theme = localStorage.getItem('kradle.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to us: the system's theme is shown.
}
