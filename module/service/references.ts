/** What of the shell the settings name: users, groups, certificates, storage, zones. */
import type { RightsEntry } from '../settings/resource.ts'
import type { Settings } from '../settings/schema.ts'
import type { Reference } from '../shell.ts'

/** Everything that would be missed if the shell deleted it, each with the place where it stands. */
export function referencesOf({ settings, accounts, domains, resources }: Settings): readonly Reference[] {
  const { certificate } = settings.tls
  return [
    ...(certificate === undefined ? [] : [one('certificate', certificate, 'settings.tls.certificate')]),
    ...settings.firewall.zones.map((zone, at) => one('zone', zone, `settings.firewall.zones[${at}]`)),
    ...Object.keys(accounts.users).map((name) => one('user', name, `accounts.users.${name}`)),
    ...Object.keys(accounts.groups).map((name) => one('group', name, `accounts.groups.${name}`)),
    ...domains.flatMap((domain, at) =>
      domain.certificate === undefined ? [] : [one('certificate', domain.certificate, `domains[${at}].certificate`)],
    ),
    ...resources.flatMap(({ root, folder, rights, exceptions }, at) => [
      ...(root === undefined ? [] : [one('storage', root, `resources[${at}].root`)]),
      one('folder', `${root ?? ''}/${folder}`, `resources[${at}].folder`),
      ...ofRights(rights, `resources[${at}].rights`),
      ...exceptions.flatMap((each, place) => ofRights(each.rights, `resources[${at}].exceptions[${place}].rights`)),
    ]),
  ]
}

function ofRights(rights: readonly RightsEntry[], where: string): readonly Reference[] {
  return rights.flatMap(({ user, group }, at) => [
    ...(user === undefined ? [] : [one('user', user, `${where}[${at}]`)]),
    ...(group === undefined ? [] : [one('group', group, `${where}[${at}]`)]),
  ])
}

const one = (kind: Reference['kind'], id: string, where: string): Reference => ({ kind, id, where })
