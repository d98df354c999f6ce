/** How the simulated X account is set up; each option has a default. */
export interface SimulateOptions {
  /** The library's account. */
  readonly account?: { readonly id: string; readonly username: string }
  readonly appToken?: string
  readonly userToken?: string
  readonly consumerSecret?: string
  /** Whether the same words of the account are refused, as X does (UNVERIFIED for answers); refused unless given. */
  readonly duplicates?: 'refused' | 'taken'
  /** None of the invented posts that are there at first. */
  readonly empty?: boolean
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  readonly now?: () => Date
}

export interface XCredentials {
  readonly account: { readonly id: string; readonly username: string }
  readonly appToken: string
  readonly userToken: string
  readonly consumerSecret: string
}

export interface Posting {
  readonly text: string
  /** An id; another author unless given. */
  readonly author?: string
  readonly answers?: string
  readonly quotes?: string
  readonly repeats?: string
  readonly at?: Date
  /** Beyond 280, as long posts are. */
  readonly lang?: string
}
