// In: a send, or many. Out: decision, message and job, written together; or a preview, which writes nothing.
// Promise: a key that was decided to send is never sent a second time.
export { batchOf, merge } from './batch.ts'
export { cancel } from './cancel.ts'
export { closeDigest, tell } from './digest.ts'
export { viaOf } from './drafts.ts'
export { type Prepared, prepare } from './prepare.ts'
export { foresee } from './preview.ts'
export { regarded, standIn, toldOf } from './recipient.ts'
export { check } from './request.ts'
export { sendPage } from './send.ts'
export { forget, moveOn, turnOf } from './sender-schedule.ts'
export { refuseTelling } from './template.ts'
