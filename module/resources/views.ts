/** The resources that one visitor sees, each found by its name and made when it is asked for. */
import type { Visitor } from './rights.ts'
import type { Share } from './share.ts'
import type { RightsTree } from './tree.ts'

/** The resources as they are now; the version rises with every change of the settings. */
export interface Catalogue {
  readonly version: number
  readonly shares: readonly Share[]
  readonly byName: ReadonlyMap<string, Share>
}

/** One resource as the visitor sees it. */
export interface View {
  readonly share: Share
  readonly tree: RightsTree
}

function sameVisitor(one: Visitor, other: Visitor): boolean {
  return (
    one === other ||
    (one.name === other.name &&
      one.guest === other.guest &&
      one.address === other.address &&
      one.lan === other.lan &&
      one.shown === other.shown &&
      one.groups.length === other.groups.length &&
      one.groups.every((group, index) => group === other.groups[index]))
  )
}

export class Views {
  readonly #visitor: () => Visitor
  readonly #catalogue: () => Catalogue
  /** Those that were asked for, by name. */
  #views: Map<string, View | undefined> | undefined
  #all: ReadonlyMap<string, View> | undefined
  #madeFor: { readonly visitor: Visitor; readonly version: number } | undefined

  constructor(visitor: () => Visitor, catalogue: () => Catalogue) {
    this.#visitor = visitor
    this.#catalogue = catalogue
  }

  /** By name. */
  get all(): ReadonlyMap<string, View> {
    const visitor = this.#now()
    this.#all ??= new Map(
      this.#catalogue().shares.flatMap((share) => {
        const view = this.#viewOf(share, visitor)
        return view ? [[share.resource.name, view]] : []
      }),
    )
    return this.#all
  }

  /** One resource, without a look at the others; `undefined` if it does not exist for the visitor. */
  named(name: string): View | undefined {
    const visitor = this.#now()
    const known = this.#views?.get(name)
    if (known) return known
    const share = this.#catalogue().byName.get(name)
    return share && this.#viewOf(share, visitor)
  }

  #viewOf(share: Share, visitor: Visitor): View | undefined {
    const { name } = share.resource
    if (this.#views?.has(name)) return this.#views.get(name)
    const tree = share.treeFor(visitor)
    const view = tree && { share, tree }
    this.#views ??= new Map()
    this.#views.set(name, view)
    return view
  }

  /** The visitor as he is now. What he may do is made anew, when it is asked for, after settings or visitor have changed. */
  #now(): Visitor {
    const visitor = this.#visitor()
    const { version } = this.#catalogue()
    const made = this.#madeFor
    if (made?.version === version && sameVisitor(made.visitor, visitor)) return visitor
    this.#madeFor = { visitor, version }
    this.#views = undefined
    this.#all = undefined
    return visitor
  }
}
