import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { html, markdown } from '@prm/listening'
import { type Browser, browser } from '../springfield/served.ts'
import type { Story, Telling } from '../story.ts'
import { type Place, place } from './place.ts'

const monday = '2026-11-16T14:00:00.000Z' // eight in the morning at Alder
const nextMonday = '2026-11-23T14:00:00.000Z'

export const story: Story = {
  about: 'a week of posts on four networks: triaged, one answered with approval, and a brief for who was away',
  async run(telling) {
    const here = await place(monday)
    try {
      const staff = {
        sam: browser(here.url, here.signOn.header('sam')),
        kim: browser(here.url, here.signOn.header('kim')),
      }
      await lastWeek(here)
      const asked = await printers(here, staff, telling)
      await restOfTheWeek(here, staff, telling)
      await reaction(here, telling, asked)
      await briefed(here, telling)
    } finally {
      await here.close()
    }
  },
}

/** What the networks have of before is looked through, so that the week begins with an empty list. */
async function lastWeek(here: Place): Promise<void> {
  await here.until('2026-11-16T14:05:00.000Z')
  const sam = here.desk.as({ kind: 'staff', id: 'sam' })
  for (const { id } of await sam.list({ step: 'decide' })) await sam.decide(id, { is: 'note', reason: 'of last week' })
}

interface Staff {
  readonly sam: Browser
  readonly kim: Browser
}

const pathOf = ({ url }: Place, id: string): string => `${new URL(url).pathname}/inbox/c/${encodeURIComponent(id)}`

/** Somebody asks in public; Sam decides and drafts, Kim approves, and it is posted under the question. */
async function printers(here: Place, { sam, kim }: Staff, { tell }: Telling): Promise<string> {
  const { now, mastodon } = here
  mastodon.post({
    by: 'wren@else.example',
    text: '@library Why are the printers at Alder Library down again? My paper is due tonight and I need help.',
  })
  await here.text('+12125550151', 'is the big study room free at 4?')
  await here.until('2026-11-16T14:30:00.000Z')
  const { id } = await here.about('printers at Alder Library')
  const list = (await sam.read(`${new URL(here.url).pathname}/inbox/`)).replace(/^.*Closed To answer /, '')
  tell('page', now(), `To Sam the inbox says "${list}".`)
  const path = pathOf(here, id)
  await sam.press(path, 'own.decide', { is: 'help', reason: 'the print server is down', owner: 'sam' })
  const refused = await sam.press(path, 'own.draft', { answer: 'Call me at 212-555-0199, I will print it for you.' })
  tell(
    'refused',
    now(),
    `Sam’s first draft is not taken: "${/A public answer[^.]*\.|must not say[^.]*\./i.exec(refused)?.[0] ?? refused}"`,
  )
  const answer =
    'We are sorry: the print server is down. Those at the Elm Street branch work, and are free of charge today until 9 pm.'
  const drafted = await sam.press(path, 'own.draft', { answer })
  const alone = await sam.press(path, 'own.approve', { n: '1' })
  tell('draft', now(), `After the second, Sam reads "${drafted}"; and, trying to approve it alone, "${alone}"`)
  await here.until('2026-11-16T15:10:00.000Z')
  const approved = await kim.press(path, 'own.approve', { n: '1' })
  for (const minute of [11, 12]) await here.until(`2026-11-16T15:${minute}:00.000Z`)
  const received = mastodon.received()
  tell(
    'answer',
    now(),
    `Kim approves it and reads "${approved}" On Mastodon stands, ${received.length === 1 ? 'once' : `${received.length} times`}: "${received[0]?.text}".`,
  )
  const ours = (await mentioned(here, id)).posted?.id ?? ''
  mastodon.react(ours, 'favourite', 'wren@else.example')
  mastodon.post({
    by: 'wren@else.example',
    text: '@library Thank you so much, that saved my paper!',
    inReplyTo: ours,
  })
  await here.until('2026-11-16T18:00:00.000Z')
  return id
}

async function mentioned({ desk }: Place, id: string) {
  return (await desk.read(id)).mention
}

/** Another Alder, a complaint, a campaign, somebody who thinks better of it, and a question on the page's wall. */
async function restOfTheWeek(here: Place, { sam, kim }: Staff, { tell }: Telling): Promise<void> {
  const { now, forum, bluesky, mastodon, facebook } = here
  const decide = async (words: string, is: string, reason: string): Promise<string> => {
    const { id } = await here.about(words)
    await sam.press(pathOf(here, id), 'own.decide', { is, reason })
    return id
  }
  bluesky.post('finn.example.org', 'Alder Bay Library has a whole room about the marina now, go and see it.')
  bluesky.post('ife.example.org', 'The people at Alder Library found my glove and kept it for a week. Thank you!')
  const regretted = bluesky.post(
    'olu.example.org',
    'Alder Library lost my form twice. I am furious about these people.',
  )
  forum.push({
    id: 'tag:forum.example.org,2026:31',
    title: 'Third floor',
    html: '<p>The third floor of <b>Alder Library</b> is so loud that nobody can read there.</p>',
    author: 'quiet_reader',
    at: '2026-11-17T15:00:00Z',
    link: 'https://forum.example.org/topic/31',
  })
  await here.until('2026-11-17T16:00:00.000Z')
  await decide('so loud', 'note', 'third complaint about noise this term')
  await decide('found my glove', 'note', 'told the desk')
  await decide('saved my paper', 'note', 'Wren is glad')
  await decide('about the marina', 'ignore', 'another Alder')
  const taken = (await here.about('lost my form')).id
  bluesky.remove(regretted)
  await here.until('2026-11-17T22:00:00.000Z')
  tell(
    'week',
    now(),
    `Sam notes a complaint about noise and a word of thanks. The Alder Bay Library is another one: its post scored too low to be shown, and Sam, who is asked of such posts too, agrees. A post was taken back by its author: of its words the page has "${(await mentioned(here, taken)).text ?? ''}".`,
  )

  const call = 'Alder Library must drop all overdue fines before the council meets: sign our petition this week.'
  for (const n of [1, 2]) mastodon.post({ by: `voter${n}@else.example`, text: `${call} #AlderLibrary ${n}` })
  for (const n of [3, 4, 5]) bluesky.post(`voter${n}.example.org`, `${call} ${n}`)
  await here.until('2026-11-18T18:00:00.000Z')
  const campaign = await decide('must drop all overdue fines', 'note', 'to the director, before the council meets')
  const { copies } = await mentioned(here, campaign)
  tell(
    'campaign',
    now(),
    `Five accounts post one petition: it is one line, with ${copies.posts} more that say the same.`,
  )

  await facebook.happens({
    what: 'comment',
    by: 'Ines',
    on: facebook.wall.post,
    text: 'Is Alder Library open on Thanksgiving?',
  })
  await here.until('2026-11-19T16:00:00.000Z')
  const open = await decide('open on Thanksgiving', 'help', 'hours')
  await sam.press(pathOf(here, open), 'own.draft', { answer: 'We are closed on Thursday, and open again on Friday.' })
  await kim.press(pathOf(here, open), 'own.back', { n: '1', why: 'say from when on Friday' })
  const second = await sam.press(pathOf(here, open), 'own.draft', {
    answer: 'We are closed on Thursday, and open again on Friday from 10 on.',
  })
  tell(
    'wall',
    now(),
    `A question on the Facebook page has a draft that Kim sent back; of the next, Sam reads "${second}" Nobody has approved it yet, so that ${facebook.taken().length === 0 ? 'nothing' : 'something'} was posted there.`,
  )
}

async function reaction(here: Place, { tell }: Telling, id: string): Promise<void> {
  await here.until('2026-11-20T16:00:00.000Z')
  const { reactions, author } = await mentioned(here, id)
  const counted = Object.entries(reactions).map(([kind, count]) => `${kind} ${count}`)
  tell(
    'reaction',
    here.now(),
    `To the answer about the printers came: ${counted.join(', ')}; its author is ${author ?? 'silent'}.`,
  )
}

async function briefed(here: Place, { tell }: Telling): Promise<void> {
  await here.until(nextMonday)
  const brief = await here.desk.brief({ since: monday, until: nextMonday })
  const folder = mkdtempSync(join(tmpdir(), 'prm-listening-'))
  writeFileSync(join(folder, 'brief.md'), markdown(brief))
  writeFileSync(join(folder, 'brief.html'), html(brief))
  const { seen, mentions, copies } = brief.posts
  const { posted, unapproved, waiting } = brief.answers
  tell(
    'brief',
    here.now(),
    `${seen} posts were seen, ${mentions} are mentions and ${copies} copies; ${posted} answer was posted, ${unapproved} without approval, ${waiting} waits. For whoever was away: ${folder}/brief.md and brief.html.`,
  )
}
