/** The tabs, in the order of product section 1. A new page with a tab of its own is named here and in the locales. */
export const TABS = [
  { id: 'start', path: '/' },
  { id: 'activity', path: '/activity' },
  { id: 'resources', path: '/resources' },
  { id: 'access', path: '/access' },
  { id: 'settings', path: '/settings' },
  { id: 'log', path: '/log' },
] as const
