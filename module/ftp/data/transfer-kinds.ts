/** What a command hands over when it wants octets moved: values, made without a look at any socket. */
import type { Download, Upload } from '../backend.ts'
import type { TransferStart } from '../events.ts'
import type { VirtualPath } from '../pathname.ts'

interface TransferBase {
  readonly verb: string
  readonly path: VirtualPath
}

export interface SendTransfer extends TransferBase {
  readonly direction: 'send'
  readonly kind: 'download' | 'listing'
  /** Octets from the start of the file to leave out. */
  readonly offset: number
  /** Opens what will be sent, before the mark: a missing file is 550 and no 150. */
  open(): Promise<Source>
}

/** A file, or text that is made while it is sent. */
export type Source =
  | { readonly file: Download }
  | { readonly chunks: AsyncIterable<Buffer>; close?(): Promise<void> }

export interface ReceiveTransfer extends TransferBase {
  readonly direction: 'receive'
  /** Creates the file, once the client is connected: a 425 leaves no empty file behind. */
  open(): Promise<Upload>
  /** The text of the mark; `FILE: name` for STOU (RFC 1123 section 4.1.2.9). */
  mark?(upload: Upload): string
}

export type Transfer = SendTransfer | ReceiveTransfer

/** What the direction is called in events. */
export function kindOf(transfer: Transfer): TransferStart['direction'] {
  return transfer.direction === 'send' ? transfer.kind : 'upload'
}

/** What is moved, for the mark. Clients read the size from here when they have not asked for it. */
export function describe(path: VirtualPath, size?: number): string {
  const name = path === '/' ? 'the directory' : path
  return size === undefined ? name : `${name} (${size} bytes)`
}
