/**
 * Which clients may be sent a reply that answers no command. Most take whatever comes next for the reply to the command they
 * have just sent (curl, ftplib, basic-ftp, ncftp, FileZilla), so whoever is not named here waits for a reply to carry it.
 */

/**
 * lftp passes over every preliminary reply (1yz), also one that comes between a command and its own reply; somebody who
 * types at a terminal reads it, and says so with `CLNT telnet`, `netcat`, `nc` or `terminal`.
 */
const COPES = /^(?:lftp\/\d|(?:telnet|netcat|nc|terminal)$)/i

/** Whether the program that named itself so with CLNT takes a 100 between its commands. */
export function takesMessagesAtOnce(clientName: string): boolean {
  return COPES.test(clientName)
}
