/** How the simulated LibAnswers tenant is set up; each option has a default. */
export interface SimulateOptions {
  readonly clientId?: string
  readonly clientSecret?: string
  /** Of a token; 86,400 unless given. */
  readonly expiresIn?: number
  readonly scopes?: string
  /** What mails to the inlet are signed with. */
  readonly mailSecret?: string
  /** Of ticket forms and datasets; 2417 and 77. */
  readonly queue?: string
  readonly dataset?: string
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  readonly now?: () => Date
}
