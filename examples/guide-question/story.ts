import { type Interaction, type PageChanged, pageChanged, type QuestionAsked, questionAsked } from '@prm/core'
import { libanswers } from '@prm/libanswers'
import * as help from '@prm/libanswers/simulator'
import { libguides } from '@prm/libguides'
import * as site from '@prm/libguides/simulator'
import { sqlite } from '@prm/store-sqlite'
import { springfield } from '../springfield/host.ts'
import { type Served, serve } from '../springfield/served.ts'
import type { Story } from '../story.ts'
import { type Guides, hostOf } from './host.ts'

/** The library's LibGuides and LibAnswers, both on this machine, and a patron at a browser. */
export interface Place {
  readonly prm: Guides
  readonly guides: site.LibGuidesSimulator
  readonly answers: help.LibAnswersSimulator
  now(): Date
  /** Lets time go by, and does what is due then. */
  until(instant: string): Promise<void>
  /** Opens the form from a page, fills it in and presses the button so many times; what the page says then, each time. */
  ask(
    page: string,
    fields: { readonly question: string; readonly email: string },
    times?: number,
  ): Promise<readonly string[]>
  /** The facts of a type, oldest first. */
  facts<D>(type: string): Promise<readonly Interaction<string, D>[]>
  close(): Promise<void>
}

export async function place(at: string): Promise<Place> {
  let clock = Date.parse(at)
  const now = () => new Date(clock)
  const [guides, answers, served]: [site.LibGuidesSimulator, help.LibAnswersSimulator, Served] = await Promise.all([
    site.simulate({ now }),
    help.simulate({ now }),
    serve(),
  ])
  const store = sqlite({ memory: true })
  const { timeZone } = springfield
  const prm = hostOf({
    library: springfield,
    adapters: {
      guides: libguides({ ...guides.credentials, baseUrl: guides.url, timeZone }),
      answers: libanswers({ ...answers.credentials, baseUrl: answers.url, timeZone }),
    },
    store,
    publicUrl: served.url,
    site: guides.url,
    now,
  })
  served.answer(prm.handle)
  return {
    prm,
    guides,
    answers,
    now,
    async until(instant) {
      clock = Date.parse(instant)
      await prm.run({ once: true })
    },
    async ask(page, fields, times = 1) {
      const url = `${served.url}/ask?page=${encodeURIComponent(page)}`
      const form = await (await fetch(url)).text()
      const hidden = [...form.matchAll(/name="(page|once)" value="([^"]*)"/g)].map(([, name, value]) => [
        name,
        (value ?? '').replaceAll('&#38;', '&'),
      ])
      const said: string[] = []
      for (let n = 0; n < times; n++) {
        const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields })
        const answer = await fetch(url, { method: 'POST', body })
        said.push(`${answer.status} ${/role="(?:status|alert)">([^<]*)/.exec(await answer.text())?.[1] ?? ''}`)
      }
      await prm.run({ once: true })
      return said
    },
    async facts<D>(type: string) {
      const found: Interaction<string, D>[] = []
      for await (const row of store.scope(springfield.id).export()) {
        const { value } = row.value as unknown as { value: Interaction<string, D> }
        if (row.kind === 'interaction' && value.type === type) found.push(value)
      }
      return found
    },
    async close() {
      await prm.close()
      await Promise.all([guides.close(), answers.close(), served.close()])
    },
  }
}

export const story: Story = {
  about: 'a question asked on a guide page becomes a ticket that says which page, and how it read',
  async run({ tell }) {
    const here = await place('2026-11-24T16:00:00.000Z')
    const { prm, guides, answers, now } = here
    const page = `${guides.url}/c.php?g=103&p=1032`
    try {
      await prm.pull('guides')
      const told = (await here.facts<PageChanged>(pageChanged.name)).find(
        ({ page: ref }) => ref?.id === 'guide 103/1032',
      )
      tell('page', now(), `LibGuides has the page "${told?.data.title}", in version ${told?.page?.version}.`)

      const fields = { question: 'Where are the cases from before 1900?', email: 'ada@patron.example' }
      const said = await here.ask(`${page}&q=divorce&borrower=23529000010003`, fields, 2)
      const [asked, ...more] = await here.facts<QuestionAsked>(questionAsked.name)
      if (!asked || more.length > 0) throw new Error('The question is not there once.')
      tell(
        'question',
        now(),
        `A patron asked on that page "${asked.data.text}", pressed the button ${said.length} times, and read "${said[0]?.slice(4)}"; it is one question.`,
      )

      const { message } = await prm.explain(`ticket ${asked.key}`)
      const ticket = answers.tickets.find(({ qid }) => qid === message?.providerId)
      const clean = !/divorce|23529/.test(JSON.stringify([ticket, asked]))
      tell(
        'ticket',
        now(),
        `It is ticket ${ticket?.qid} in LibAnswers, answered to ${ticket?.pemail.replace(/^(.).*(?=@)/, '$1…')}, and says ${ticket?.pdetails.split('<br>').slice(2).join('; ')}. What was searched for there, and who did, is ${clean ? 'in neither' : 'told too'}.`,
      )

      await here.until('2026-11-25T16:00:00.000Z')
      const box = guides.guides.get(103)?.pages[1]?.boxes[0]
      if (box) box.content = '<p>Cases from before 1900 are in the reading room.</p>'
      await prm.pull('guides')
      const changed = (await here.facts<PageChanged>(pageChanged.name)).find(({ data }) => data.before !== undefined)
      const before = (await here.facts<QuestionAsked>(questionAsked.name)).filter(
        ({ page: ref }) => ref?.id === changed?.page?.id && ref?.version === changed?.data.before,
      )
      tell(
        'change',
        now(),
        `An editor rewrote "${changed?.data.title}": version ${changed?.data.before} became ${changed?.page?.version}, and ${before.length} question was asked on the one before.`,
      )
    } finally {
      await here.close()
    }
  },
}
