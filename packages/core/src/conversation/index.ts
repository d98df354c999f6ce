// In: the id of a conversation, or a reply of staff. Out: the thread, or the reply on its way.
// Promise: a reply is decided like any send, and two people cannot both answer the same text unawares.
export { conversation, conversations } from './read.ts'
export { reply } from './reply.ts'
export { sentFact } from './sent.ts'
