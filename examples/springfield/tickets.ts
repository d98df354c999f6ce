import {
  type Adapters,
  type Conversation,
  type Interaction,
  type MessageReceived,
  type Prm,
  PrmError,
  type Step,
} from '@prm/core'
import { inbox, inboxClosed, mattersOf } from '@prm/inbox'
import { type LibAnswers, ticketAnswered } from '@prm/libanswers'

interface Options {
  readonly answers: LibAnswers
  /** Where questions are counted, and the label of its field for the READ level. */
  readonly dataset: string
}
const staff = { kind: 'staff', id: 'LibAnswers' } as const

/** The desk in two places: what waits in the inbox is a ticket in LibAnswers too, and whoever answers first answers. */
export function tickets<A extends Adapters, T extends string, R extends string>(
  prm: Prm<A, 'answer', T, R>,
  { answers, dataset }: Options,
): void {
  // What staff answer there goes out as a text from here: once, and in the conversation that the ticket is of.
  prm.flow('answered in LibAnswers', ticketAnswered, async ({ event, prm, step }) => {
    const [, id, turn] = /^(.+)\.(\d+)$/.exec(event.about?.key ?? '') ?? []
    if (id === undefined || event.data.automatic) return
    const desk = inbox(prm, { purpose: 'answer' }).as(staff)
    const { text } = event.data
    const kept = await step('answer', async () => {
      try {
        const { fresh, message } = await desk.reply(id, text, { seen: Number(turn) })
        return fresh || message?.content.text === text ? undefined : 'it has been answered'
      } catch (error) {
        if (!PrmError.is(error) || error.code !== 'conflict') throw error
        return error.message.replace(/^reply: /, '')
      }
    })
    if (kept !== undefined) await desk.note(id, `Not sent, since ${kept} From LibAnswers: ${text}`, { key: event.key })
  })

  // A question that was closed with a READ level is counted there, once: an outcome that nobody knows is for a person.
  prm.flow('count in LibAnswers', inboxClosed, async ({ event, prm, step, signal }) => {
    const { readLevel } = event.data
    const id = event.conversationId
    if (readLevel === undefined || id === undefined) return
    const question = await step('question', async () => (await prm.conversation(id, { limit: 1 })).conversation)
    const counted = await step('count', async () => {
      const ctx = prm.context('answers', signal)
      try {
        const read = (await answers.ops.datasetFields(dataset, ctx)).find(({ label }) => label === 'READ')
        const level = read?.options.find(({ label }) => label === String(readLevel))
        const asked = question.questions.at(-1)?.asked ?? event.seen ?? ''
        const fields = read?.id !== undefined && level ? { [read.id]: level.value } : {}
        await answers.ops.record({ dataset, at: asked, question: question.subject ?? 'A text', fields }, ctx)
        return 'counted'
      } catch (error) {
        if (!PrmError.is(error) || error.code !== 'unknown') throw error
        return 'unknown'
      }
    })
    if (counted === 'unknown')
      await inbox(prm, { purpose: 'answer' }).task({
        key: `count ${event.key}`,
        subject: 'Look whether LibAnswers counted this question, and enter it if not.',
      })
  })
}

/** What a patron wrote, as a ticket: with what it is about, and no title unless the library lets all see titles. */
export async function ticketOf<A extends Adapters, T extends string, R extends string>(
  prm: Prm<A, 'answer', T, R>,
  event: Interaction<string, MessageReceived>,
  step: Step,
): Promise<void> {
  const id = event.conversationId
  if (id === undefined) return
  const { content, key } = await step('ticket', async () => {
    const { conversation } = await prm.conversation(id, { limit: 1 })
    const { text } = event.data.content
    return {
      key: `${id}.${conversation.turn}`,
      content: { subject: text, text: [text, ...aboutOf(conversation)].join('\n') },
    }
  })
  await prm.send({
    to: { scheme: 'ticket', value: id },
    adapters: ['answers'],
    purpose: 'answer',
    key,
    about: [event],
    content,
  })
}

function aboutOf(conversation: Conversation): readonly string[] {
  return mattersOf(conversation).flatMap(({ kind, branch, items }) => [
    '',
    `About the notice ${kind}${branch === undefined ? '' : ` of ${branch}`}:`,
    ...items.map(({ id, title, day }) => {
      const words = [id && `item ${id}`, title && `"${title}"`, day && `until ${day}`]
      return `- ${words.filter(Boolean).join(', ')}`
    }),
    'Answer this ticket, or in the inbox: the patron gets one text.',
  ])
}
