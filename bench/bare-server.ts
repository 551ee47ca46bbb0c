import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import express from 'express'
import pg from 'pg'
import { pageStatement } from '../src/adapters/postgres/ticket-queries.ts'
import { aTicket, creationOf } from '../test/support/stored-tickets.ts'
import { bareInsert } from './bare-insert.ts'

/** Express and pg with nothing between them: the handlers that ours are measured against. Prints its port. */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const pattern = creationOf({ ...aTicket('open', { projectId: 'lawley' }), uid: 'U' })
const shape = bareInsert([pattern])
const ticketId = pattern.ticket.id
const generated = [ticketId, ...pattern.ticket.steps.map((step) => step.id), ...pattern.events.map((event) => event.id)]
let numbered = 0

const app = express()
app.use(express.json())

/** The rows of one created ticket, with new ids and the request's title. */
app.post('/same-rows', async (request, response) => {
  const fresh = new Map(generated.map((id) => [id, randomUUID()] as const))
  const values = shape.values.map((value) => {
    if (value === 'U') return `R${process.pid}-${numbered}`
    return typeof value === 'string' ? (fresh.get(value) ?? value) : value
  })
  numbered += 1
  await pool.query(shape.text, values)
  response.status(201).json({ success: true, data: { id: fresh.get(ticketId), title: request.body.title } })
})

app.post('/single-insert', async (request, response) => {
  const { title, project_id: projectId } = request.body
  const { rows } = await pool.query(
    "insert into tickets (source, title, ticket_type, project_id) values ('manual', $1, 'maintenance', $2) returning id",
    [title, projectId],
  )
  response.status(201).json({ success: true, data: rows[0] })
})

const { text, values } = pageStatement(
  {
    sight: { type: 'all' },
    filters: { status: ['open', 'assigned'], project: ['project-2'] },
    words: [],
    sort: { by: 'created_at', direction: 'desc' },
    now: new Date().toISOString(),
    client: true,
  },
  { page: 1, pageSize: 25 },
  'platform_records',
)
app.get('/list', async (_request, response) => {
  const { rows } = await pool.query(text, values)
  response.json({ success: true, data: rows[0]?.rows, pagination: { total: rows[0]?.total } })
})

const server = app.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
