import type { Session, Value } from './session.ts'

interface Wish {
  readonly values: readonly Value[]
  readonly from: string | undefined
  resolve(rows: unknown[]): void
  reject(error: unknown): void
}

/**
 * One statement for so many questions, or for the powers of two below: few texts, which the driver keeps prepared. Of 64, each
 * costs SQLite nearly twice what it does of 32.
 */
const most = 32
const mostTexts = 200

/**
 * Questions of one text that are asked while another is being answered are asked together, as one `union all`: a batch of
 * 500 facts asks for 500 patrons, and fifty workers each for a message, and a statement costs more than the row it reads.
 */
export function together(session: Session): Session {
  let waiting = new Map<string, Wish[]>()
  const texts = new Map<string, string>()
  /** In these there was a row once. Of a list whom nobody knows, all is answered by one question. */
  const filled = new Set<string>()
  let answering = false

  async function answer(): Promise<void> {
    while (waiting.size > 0) {
      const asked = waiting
      // A new one: of a map that is emptied again and again V8 keeps what was in it, each old table by the one before.
      waiting = new Map()
      for (const [sql, wishes] of asked) {
        if (wishes.length >= most && (await nothingIn(wishes))) continue
        for (let at = 0, size = most; at < wishes.length; at += size) {
          while (size > wishes.length - at) size /= 2
          await ask(sql, wishes.slice(at, at + size))
        }
      }
    }
    answering = false
  }

  /** Answers them all where their table has no row. */
  async function nothingIn(wishes: readonly Wish[]): Promise<boolean> {
    const from = wishes[0]?.from
    if (!from || filled.has(from)) return false
    try {
      const [row] = await session.all(`select 1 from ${from} limit 1`, [])
      if (row) filled.add(from)
      else for (const wish of wishes) wish.resolve([])
      return !row
    } catch (error) {
      for (const wish of wishes) wish.reject(error)
      return true
    }
  }

  async function ask(sql: string, wishes: readonly Wish[]): Promise<void> {
    const [only, another] = wishes
    try {
      if (only && !another) return only.resolve(await session.all(sql, only.values))
      const rows = await session.all<{ asked: number }>(
        textOf(sql, wishes.length),
        wishes.flatMap(({ values }) => values),
      )
      const answers: unknown[][] = wishes.map(() => [])
      for (const row of rows) answers[row.asked]?.push(row)
      for (const [index, wish] of wishes.entries()) wish.resolve(answers[index] as unknown[])
    } catch (error) {
      for (const wish of wishes) wish.reject(error)
    }
  }

  /** The same text each time, and not one that is equal: of 16 KB, to find it prepared costs as much as to ask. */
  function textOf(sql: string, size: number): string {
    const key = `${size} ${sql}`
    let text = texts.get(key)
    if (text === undefined) {
      if (texts.size >= mostTexts) texts.clear()
      text = Array.from({ length: size }, (_, index) => `select ${index} as asked, * from (${sql}) q`).join(
        ' union all ',
      )
      texts.set(key, text)
    }
    return text
  }

  return {
    ...session,
    all: <Row>(sql: string, values: readonly Value[], from?: string) =>
      new Promise<Row[]>((resolve, reject) => {
        const wishes = waiting.get(sql) ?? []
        wishes.push({ values, from, resolve: resolve as (rows: unknown[]) => void, reject })
        waiting.set(sql, wishes)
        if (answering) return
        answering = true
        queueMicrotask(() => void answer())
      }),
  }
}
