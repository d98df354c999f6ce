import type { Address, Conversation, Decision, Interaction, Message, MessageReceived, Notice } from '@prm/core'
import { mattersOf } from '@prm/inbox'
import type { Host } from '../springfield/host.ts'

/** Where to look for what happened: the store, and Koha. */
export interface Scene {
  readonly host: Host
  /** Whose hold it is. */
  readonly card: Address
  readonly timeZone: string
}

export interface Step {
  readonly name: string
  /** What a person does for it, where patron, staff and Koha are real. */
  readonly wanted?: string
  /** What happened, in one sentence; nothing as long as it has not. */
  seen(scene: Scene): Promise<string | undefined>
}

/** The flow from a hold to a renewal, read from what is stored. */
export const steps: readonly Step[] = [
  {
    name: 'event',
    wanted: 'In Koha, check in an item that this patron has a hold on, so that it waits for them.',
    async seen(scene) {
      const [first, ...more] = await noticesOf(scene)
      if (!first) return undefined
      const { subjectKey, pickup, items } = first.data
      const ways = [first, ...more]
        .filter(({ data }) => data.subjectKey === subjectKey)
        .map(({ key }) => (/ message /.test(key) ? 'its plugin' : 'its list of holds'))
      return `Koha said by ${ways.join(' and by ')} that ${subjectKey.replace(/:.*:/, ' ')} waits at ${pickup} until ${items[0]?.collectBy ?? 'nobody knows when'}.`
    },
  },
  {
    name: 'patron',
    wanted: 'Nothing for ten minutes: other holds of this patron would be told in the same text.',
    async seen(scene) {
      const [patron] = await scene.host.prm.patrons(scene.card)
      const told = await pickup(scene)
      if (!patron || !told) return undefined
      const count = (scheme: string) => patron.identities.filter((one) => one.scheme === scheme).length
      const consent = told.decision.reasons.find(({ rule }) => rule === 'consent')
      const same = ({ data }: { readonly data: Notice }) => data.subjectKey === told.notice.data.subjectKey
      const heard = (await noticesOf(scene)).filter(same)
      const telling = (await decisions(scene)).filter(({ notice }) => same(notice))
      return `It is for ${patron.name} (phones known: ${count('tel')}, mailboxes: ${count('mailto')}), for the purpose ${told.decision.purpose}, ${consent?.detail.replace(/^A/, 'a').replace('.', '')}; heard ${heard.length === 1 ? 'once' : `${heard.length} times`}, to be told ${telling.length === 1 ? 'once' : `${telling.length} times`}.`
    },
  },
  {
    name: 'policy',
    async seen(scene) {
      const told = await pickup(scene)
      const rules = told?.decision.reasons.filter(({ rule }) =>
        ['preference', 'quiet', 'hours', 'deadline'].includes(rule),
      )
      const outcome = told?.decision.outcome
      if (!rules || !outcome?.send) return undefined
      const end = outcome.expireAt ? clock(Date.parse(outcome.expireAt) - 1, scene) : 'ever'
      return `${rules.map(({ detail }) => detail.replace(/\.$/, '')).join('; ')}; it is worth telling until ${end}.`
    },
  },
  {
    name: 're-check',
    async seen(scene) {
      const look = scene.host.looks.find(({ answer }) => answer === 'yes')
      return (
        look &&
        `Right before it went, on ${clock(look.at, scene)}, Koha was asked once more whether the hold still waits, and said ${look.answer}.`
      )
    },
  },
  {
    name: 'sent',
    async seen(scene) {
      const { message } = (await pickup(scene)) ?? {}
      if (!message?.providerId) return undefined
      return `One text went from ${message.from?.value} to ${hidden(message.to)}, which Twilio calls ${message.providerId}: "${message.content.text}"`
    },
  },
  {
    name: 'delivery',
    async seen(scene) {
      const told = await pickup(scene)
      const words = told?.timeline
        .filter(({ type }) => type === 'message.delivery')
        .map(({ data }) => (data as { raw: string }).raw)
      if (told?.message?.state !== 'delivered') return undefined
      return `Twilio reported ${words?.join(', ')}; whatever the order, it stands as ${told.message.state}.`
    },
  },
  {
    name: 'renewal',
    wanted: 'From the phone that was texted, text RENEW.',
    async seen(scene) {
      const { asked, answer } = await exchange(scene, /^\s*renew/i)
      if (!asked || !answer) return undefined
      const { koha } = scene.host.prm.adapters
      const due: string[] = []
      for await (const loan of koha.circulation.loans(scene.card, scene.host.prm.context('koha'))) due.push(loan.due)
      return `The patron texted "${textOf(asked)}", was answered "${textOf(answer)}", and Koha has the loans due on ${due.sort().join(' and ')}.`
    },
  },
  {
    name: 'question',
    wanted: 'From that phone, ask something that no keyword answers: can my wife collect it?',
    async seen(scene) {
      const open = await asking(scene)
      if (!open || open.conversation.state === 'closed') return undefined
      const about = mattersOf(open.conversation).map(
        ({ kind, branch, items }) =>
          `the ${kind} at ${branch} (${items.map(({ id, day }) => `item ${id}, until ${day}`).join(', ')})`,
      )
      const ticket = await ticketOf(scene, open.conversation)
      const where = ticket === undefined ? 'in the inbox' : `in the inbox, and as ticket ${ticket} in LibAnswers`
      return `"${textOf(open.asked)}" waits ${where}, about ${about.join(' or ') || 'nothing that was told'}.`
    },
  },
  {
    name: 'answer',
    wanted: 'Open the page, and answer it.',
    async seen(scene) {
      const open = await asking(scene)
      const answer = open?.thread.find(
        ({ type, by, seen = '' }) => type === 'message.sent' && by?.kind === 'staff' && seen >= (open.asked.seen ?? ''),
      )
      const message = answer && (await scene.host.prm.explain(answer.key)).message
      if (!open || !message?.providerId) return undefined
      const same =
        message.from?.value === open.asked.to?.value ? 'the number that the patron wrote to' : message.from?.value
      return `${answer?.by?.id} answered "${message.content.text}", one text from ${same}, in the same conversation.`
    },
  },
  {
    name: 'closed',
    wanted: 'On the page, close it with READ level 1.',
    async seen(scene) {
      const open = await asking(scene)
      const closed = open?.thread.findLast(({ type }) => type === 'inbox.closed')
      const question = open?.conversation.questions.at(-1)
      if (open?.conversation.state !== 'closed' || !question?.readLevel) return undefined
      const minutes = Math.round((Date.parse(question.answered ?? '') - Date.parse(question.asked)) / 60_000)
      return `${closed?.by?.id} closed it with READ ${question.readLevel}; the patron had waited ${minutes} minutes for the answer.`
    },
  },
  {
    name: 'stop',
    wanted: 'From that phone, text STOP; then let another hold of this patron wait in Koha.',
    async seen(scene) {
      const stop = (await facts(scene)).find(
        ({ type, data }) => type === 'message.received' && (data as MessageReceived).optOut === 'stop',
      )
      const told = (await decisions(scene)).find(
        ({ decision, message }) =>
          stop && decision.at > (stop.seen ?? '') && message?.state === 'accepted' && message.to.scheme === 'mailto',
      )
      if (!stop || !told) return undefined
      const { confirmed } = stop.data as MessageReceived
      const against = told.decision.reasons.find(({ rule }) => rule === 'suppressed')
      return `The patron texted ${textOf(stop)}, which ${confirmed ? 'Twilio' : 'the library'} confirmed; for the next hold it says "${against?.via}: ${against?.detail}", and that went by ${told.message?.via} to ${hidden(told.message?.to)}.`
    },
  },
]

// ── what is stored ───────────────────────────────────────────────────────────────────────────

/** When, as the library's clock shows it. */
function clock(at: Date | number, { timeZone }: Scene): string {
  const words = { timeZone, weekday: 'short', hour: 'numeric', minute: '2-digit', hourCycle: 'h23' } as const
  return new Intl.DateTimeFormat('en', words).format(at)
}

/** All of the patron, oldest first. */
async function facts({ host, card }: Scene): Promise<readonly Interaction[]> {
  const [patron] = await host.prm.patrons(card)
  const found: Interaction[] = []
  if (patron) for await (const fact of host.prm.timeline(patron.id, { limit: 500 })) found.unshift(fact)
  return found
}

async function noticesOf(scene: Scene): Promise<readonly Interaction<string, Notice>[]> {
  const found = (await facts(scene)) as readonly Interaction<string, Notice>[]
  return found.filter(({ type, data }) => type === 'notice' && data.kind === 'hold-ready')
}

interface Told {
  readonly notice: Interaction<string, Notice>
  readonly decision: Decision
  readonly message?: Message
  readonly timeline: readonly Interaction[]
}

/** What was decided to tell of holds, oldest first. */
async function decisions(scene: Scene): Promise<readonly Told[]> {
  const all = await Promise.all(
    (await noticesOf(scene)).map(async (notice) => {
      const explained = await scene.host.prm.explain(`ready ${notice.key}`).catch(() => undefined)
      return explained?.decision.outcome.send ? [{ notice, ...explained }] : []
    }),
  )
  return all.flat()
}

async function pickup(scene: Scene): Promise<Told | undefined> {
  return (await decisions(scene))[0]
}

/** The newest conversation with a text like this, and what was said next by us. */
async function exchange({ host, card }: Scene, like: RegExp, not?: RegExp) {
  const [patron] = await host.prm.patrons(card)
  if (patron)
    for await (const { id } of host.prm.conversations({ patronId: patron.id, order: 'newest' })) {
      const { conversation, thread } = await host.prm.conversation(id)
      const at = thread.findLastIndex(
        (one) => one.type === 'message.received' && like.test(textOf(one)) && !not?.test(textOf(one)),
      )
      if (at < 0) continue
      const answer = thread.slice(at).find(({ type }) => type === 'message.sent')
      return { conversation, thread, asked: thread[at], answer }
    }
  return {}
}

async function asking(scene: Scene) {
  const { conversation, thread, asked } = await exchange(scene, /\S/, /^\s*(renew|stop)/i)
  return conversation && thread && asked ? { conversation, thread, asked } : undefined
}

/** The number of the newest ticket that its texts became, once LibAnswers has taken it. */
async function ticketOf({ host }: Scene, { id, turn }: Conversation): Promise<string | undefined> {
  for (let at = turn; at > 0; at--) {
    const explained = await host.prm.explain(`${id}.${at}`).catch(() => undefined)
    if (explained?.message?.providerId !== undefined) return explained.message.providerId
  }
  return undefined
}

function textOf({ data }: Interaction): string {
  return (data as MessageReceived).content.text.trim()
}

function hidden(to: Address | undefined): string {
  return to?.scheme === 'tel' ? `…${to.value.slice(-4)}` : (to?.value.replace(/^(.).*(?=@)/, '$1…') ?? 'nobody')
}
