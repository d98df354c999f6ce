import type { Search } from '@prm/store-sql'

// What stands between words, by code point, so that it is the same in every locale of the database: ASCII but letters and
// digits, and the punctuation and symbols of Unicode. Marks stay with their letters.
const between = [
  String.raw`\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7`,
  String.raw`\u02c2-\u02c5\u02d2-\u02df\u055a-\u055f\u0589\u05be\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965`,
  String.raw`\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3001-\u3004\u3008-\u3020\u3030\ufe10-\ufe19\ufe30-\ufe6f`,
  String.raw`\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\U0001f000-\U0001faff`,
].join('')
const accents = String.raw`[\u0300-\u036f]`
/**
 * Letters of a word, and of a text, that are looked at: a tsvector has no room for more (2 kB a word, 1 MB in all). A syllable of
 * Hangul is up to three, of three bytes each.
 */
const longest = 400
const most = 150_000

const words = (collation: string): string => `
  create function prm_words(said text) returns tsvector language sql immutable parallel safe as $words$
    select array_to_tsvector(array(
      select distinct left(word, ${longest}) from regexp_split_to_table(
        lower(regexp_replace(left(normalize(left(said, ${most}), NFD), ${most}), '${accents}', '', 'g')${collation}), '[${between}]+') word
      where word <> ''))
  $words$`

export const search: Search = {
  schema: [
    // Without ICU, which nearly every build has, capitals beyond ASCII are those of the database's locale.
    `do $do$ begin
      if exists (select 1 from pg_collation where collname = 'und-x-icu') then execute $create$${words(' collate "und-x-icu"')}$create$;
      else execute $create$${words('')}$create$;
      end if;
    end $do$`,
    'alter table interaction add column words tsvector generated always as (prm_words(text)) stored',
    'create index interaction_words on interaction using gin (words)',
  ],
  // Each beginning is a word of its own in the query: `'caf':*`.
  matches: 'words @@ cast(? as tsquery)',
  expression: (all) => all.map((word) => `'${folded(word)}':*`).join(' & '),
}

function folded(word: string): string {
  const plain = word
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
  return [...plain].slice(0, longest).join('')
}
