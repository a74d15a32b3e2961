// Sets the chosen theme before the first paint; a module would come too late and flash.
(() => {
  try {
    const theme = localStorage.getItem('event-manager:theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage can be forbidden; the system's preference holds then.
  }
})();
