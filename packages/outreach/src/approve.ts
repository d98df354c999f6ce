import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFile, rename, rm } from 'node:fs/promises'
import { PrmError, type Scope, type Secret } from '@prm/core'
import { besides, readPlan, writeClosed } from './file.ts'
import { clockOf, type Host } from './host.ts'
import { exclusions } from './plan.ts'
import { placeOf, remember, sketch } from './repeats.ts'
import { keptOf } from './state.ts'
import type { Approval, PlanLine } from './types.ts'

/** What a plan's file says of itself, once all of it was read and its hash is right. */
export type Checked = Awaited<ReturnType<typeof checked>>

export async function checked(
  file: string,
  signal?: AbortSignal,
  look: (line: PlanLine) => void = () => undefined,
): Promise<Whole> {
  const lines = readPlan(file, signal)
  for (;;) {
    const next = await lines.next()
    if (next.done) return next.value
    look(next.value)
  }
}
type Whole = Extract<Awaited<ReturnType<ReturnType<typeof readPlan>['next']>>, { done: true }>['value']

/** Signs the plan's hash. Throws `forbidden` for who planned it, `conflict` for a plan that was edited, cut, that could be read of nobody, or is another again. */
export async function approve(
  host: Host & { readonly scope: Scope; readonly key: Secret | undefined },
  file: string,
  { by, again }: { readonly by: string; readonly again?: string },
): Promise<Approval> {
  const key = await signingKey(host.key)
  const marks = sketch(key)
  const { header, footer, hash } = await checked(file, undefined, marks.look)
  const { rows, included, bad, excluded } = footer.summary
  // Where nobody asked for it this week, it is approved and done: a script goes on.
  if (included === 0 && bad > 0) {
    const why = exclusions.flatMap((one) => (excluded[one] > 0 ? [`${excluded[one]} ${one}`] : []))
    const all = [...(bad > 0 ? [`${bad} could not be read`] : []), ...why].join(', ')
    throw new PrmError('conflict', `Nobody is in this plan: of ${rows} rows ${all || 'none is left'}. Plan again.`, {
      field: 'file',
    })
  }
  if (!by?.trim()) throw new PrmError('invalid', 'approve: by must be the name of who approves.', { field: 'by' })
  if (person(by) === person(header.by))
    throw new PrmError('forbidden', 'Who planned it does not approve it: let a second person read the plan.', {
      field: 'by',
    })
  if (again !== undefined && !again.trim())
    throw new PrmError('invalid', 'approve: again must say why.', { field: 'again' })
  const at = clockOf(host)().toISOString()
  const said = { hash, planned: header.by, by: by.trim(), at, ...(again !== undefined && { again: again.trim() }) }
  const approval: Approval = { ...said, mac: macOf(key, said) }
  const beside = besides(file)
  const part = `${beside}.part`
  await writeClosed(part, `${JSON.stringify(approval, null, 2)}\n`, 'approval')
  try {
    const known = { standing: 'approved', at, by: said.by, file: placeOf(file) } as const
    // The file is there before it is known of: whose is gone was taken back.
    if (!(await keptOf(host.scope, hash)).kept?.begun)
      await remember(host.scope, { header, hash }, known, marks.bytes(), again)
    await rename(part, beside)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  return approval
}

/** The approval of this very plan. Throws `forbidden` where there is none, `conflict` where it is of another. */
export async function approvalOf(
  secret: Secret | undefined,
  file: string,
  { header, hash }: Pick<Checked, 'header' | 'hash'>,
): Promise<Approval> {
  const key = await signingKey(secret)
  let text: string
  try {
    text = await readFile(besides(file), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new PrmError('invalid', 'The approval cannot be read.', { cause: error })
    throw new PrmError(
      'forbidden',
      `This plan is not approved: somebody other than ${header.by} reads and approves it.`,
      { field: 'approval' },
    )
  }
  const said = parsed(text)
  if (!said)
    throw new PrmError('conflict', 'What stands beside this plan is no approval. Approve it anew.', {
      field: 'approval',
    })
  const { mac, ...signed } = said
  const [mine, theirs] = [Buffer.from(macOf(key, signed)), Buffer.from(mac)]
  if (mine.length !== theirs.length || !timingSafeEqual(mine, theirs))
    throw new PrmError(
      'forbidden',
      'The approval of this plan was edited, or made with another key. Approve it anew.',
      { field: 'approval' },
    )
  if (signed.hash !== hash)
    throw new PrmError('conflict', 'This approval is of another plan: its hash is another. Have this one approved.', {
      field: 'approval',
    })
  if (person(signed.by) === person(header.by))
    throw new PrmError('forbidden', 'Who planned it approved it: let a second person read the plan.', {
      field: 'approval',
    })
  return said
}

function parsed(text: string): Approval | undefined {
  try {
    const { hash, planned, by, at, again, mac } = { ...JSON.parse(text) } as Partial<Approval>
    const all = [hash, planned, by, at, again ?? '', mac]
    const said = { hash, planned, by, at, ...(again !== undefined && { again }), mac }
    return all.every((one) => typeof one === 'string') ? (said as Approval) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Names are the same in capitals, with other blanks and in another writing of the same letters. */
function person(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{Cf}]+/gu, '')
}

function macOf(key: string, { hash, planned, by, at, again }: Omit<Approval, 'mac'>): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([hash, planned, by, at, ...(again === undefined ? [] : [again])]))
    .digest('base64url')
}

export async function signingKey(secret: Secret | undefined): Promise<string> {
  const key = typeof secret === 'function' ? await secret() : secret
  if (key === undefined || key.length < 32)
    throw new PrmError('config', 'outreach: key must be a secret of 32 characters or more: it signs approvals.', {
      field: 'key',
    })
  return key
}
