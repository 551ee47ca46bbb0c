import pg from 'pg'
import { sendDue } from '../../src/application/notification/send-schedule.ts'
import { clockAhead, sendDeps } from '../support/sending.ts'

// A sender of its own, to be killed: args are the database, WAHA's address and its key.
const [, , database = '', url = '', apiKey = ''] = process.argv
const pool = new pg.Pool({ connectionString: database })
const deps = sendDeps(pool, { url, apiKey }, clockAhead())
for (;;) await sendDue(deps)(new AbortController().signal)
