/** What a new password must be: long, and not one that everybody tries first (ASVS 6.2). No rule asks for kinds of characters. */
import { PASSWORD_BYTES } from '../../../settings/preset.ts'

/** Characters of an administrator's password, and of a user's. */
export const ADMINISTRATOR_LENGTH = 12
export const USER_LENGTH = 8

/** What stands at the head of every list of stolen passwords, as parts that longer ones are made of. */
const COMMON = [
  'password',
  'passw0rd',
  'qwerty',
  'qwertyuiop',
  'йцукен',
  'пароль',
  'letmein',
  'welcome',
  'iloveyou',
  'admin',
  'administrator',
  'changeme',
  'default',
  'secret',
  'router',
  'monkey',
  'dragon',
  'football',
  'abc',
]

export type PasswordFault = 'short' | 'long' | 'characters' | 'common'

/** What is wrong with a new password of this name; undefined when nothing is. */
export function passwordFault(password: string, name: string, length: number): PasswordFault | undefined {
  // Code points, not signs: only letters made of several would count as more than one.
  // oxlint-disable-next-line typescript/no-misused-spread
  if ([...password].length < length) return 'short'
  if (Buffer.byteLength(password) > PASSWORD_BYTES) return 'long'
  // FTP cannot send them.
  if (/[\0\r\n]/.test(password)) return 'characters'
  return easy(password.toLowerCase(), name.toLowerCase()) ? 'common' : undefined
}

/** Whether nothing is left once digits at the ends, common words and the name are taken away, or it is a run of one kind. */
function easy(password: string, name: string): boolean {
  if (new Set(password).size < 4) return true
  let rest = password
  for (const word of [name, ...COMMON].filter(Boolean).toSorted((a, b) => b.length - a.length))
    rest = rest.replaceAll(word, '')
  rest = rest.replaceAll(/^[\d\W_]+|[\d\W_]+$/gu, (run) => (/[^\d!@#$%^&*.\-_+ ]/.test(run) ? run : ''))
  return rest === '' || '01234567890123456789 abcdefghijklmnopqrstuvwxyz'.includes(password)
}
