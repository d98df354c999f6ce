import express from 'express'
import twilio from 'twilio'
import { account } from '../ours.ts'
import type { Contend } from '../place.ts'
import { publicUrl, type Served, serve, straightStore, type Task } from './serve.ts'

/** Twilio's own middleware on express, as its pages show it. */
export const contend: Contend<Task, Served> = async ({ file }, life) => {
  const texts = straightStore(file)
  const app = express()
  app.post(
    '/prm/sms',
    express.urlencoded({ extended: false }),
    twilio.webhook({ url: publicUrl, validate: true }, account.authToken),
    ({ body }, response) => {
      texts.store({ sid: body.MessageSid, from: body.From, to: body.To, body: body.Body })
      response.type('text/xml').send('<Response/>')
    },
  )
  await serve(app, life)
  return texts.close()
}
