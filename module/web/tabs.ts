/** The tabs, in the order of product section 1. A new page with a tab of its own is named here and in the locales. `also`: pages elsewhere that belong to it; `brief`: whether it has a shorter name for narrow screens. */
export const TABS = [
  { id: 'start', path: '/', brief: true },
  { id: 'activity', path: '/activity' },
  { id: 'resources', path: '/resources', brief: true },
  { id: 'access', path: '/access' },
  { id: 'settings', path: '/settings' },
  { id: 'log', path: '/log', also: '/why' },
] as const satisfies readonly {
  readonly id: string
  readonly path: string
  readonly also?: string
  readonly brief?: true
}[]
