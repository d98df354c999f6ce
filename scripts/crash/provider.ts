export interface Account {
  readonly accountSid: string
  readonly authToken: string
  readonly from: string
  readonly baseUrl: string
}

/** How many texts went out to each number, as the provider lists them: the only count that matters. */
export async function texts({ accountSid, authToken, baseUrl }: Account): Promise<ReadonlyMap<string, number>> {
  const count = new Map<string, number>()
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  let next: string | null | undefined = `/2010-04-01/Accounts/${accountSid}/Messages.json?PageSize=1000`
  while (next) {
    const answer = await fetch(new URL(next, baseUrl), { headers: { authorization } })
    if (!answer.ok) throw new Error(`The provider answered ${answer.status} to the list of its messages.`)
    const page = (await answer.json()) as {
      messages: readonly { to: string; direction: string }[]
      next_page_uri?: string | null
    }
    for (const { to, direction } of page.messages) if (direction !== 'inbound') count.set(to, (count.get(to) ?? 0) + 1)
    next = page.next_page_uri
  }
  return count
}
