import { type Adapters, messageReceived, notice, type Prm } from '@prm/core'

/** Tells of a hold, and keeps it a day longer for who answers 1. */
export function askToKeep<A extends Adapters, T extends string, R extends string>(prm: Prm<A, 'pickup', T, R>): void {
  prm.flow('ask to keep', notice, async ({ event, patron, step, prm }) => {
    if (event.data.kind !== 'hold-ready' || !patron) return
    const key = `ready ${event.key}`
    const text = 'Springfield Library: your hold is ready. Reply 1 to keep it a day longer, STOP to get no more texts.'
    await prm.send({ to: patron.id, purpose: 'pickup', content: { text }, key, about: [event] })
    const about = { source: 'prm', key }
    const answer = await step.wait(
      'answer',
      messageReceived,
      { about },
      {
        timeout: '2d',
        only: (said) => said.data.content.text.trim() === '1',
      },
    )
    if (!answer) return
    await prm.record([{ source: 'keep', key, type: 'hold.kept', patronId: patron.id, about: event, data: { days: 1 } }])
    await prm.send({
      to: patron.id,
      purpose: 'pickup',
      content: { text: 'Kept until tomorrow.' },
      key: `kept ${event.key}`,
    })
  })
}
