/** The tabs, in the order of product section 1. A new page with a tab of its own is named here and in the locales. `also`: pages elsewhere that belong to it. */
export const TABS = [
  { id: 'start', path: '/' },
  { id: 'activity', path: '/activity' },
  { id: 'resources', path: '/resources' },
  { id: 'access', path: '/access' },
  { id: 'settings', path: '/settings' },
  { id: 'log', path: '/log', also: '/why' },
] as const satisfies readonly { readonly id: string; readonly path: string; readonly also?: string }[]
