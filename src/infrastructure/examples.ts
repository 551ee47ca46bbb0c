import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Known } from '../application/ports/directory.ts'
import type { Config } from './config.ts'

/**
 * Whether the examples belong into an empty directory: in PostgreSQL when asked for, in the embedded database unless
 * they were refused. That is remembered beside the database, so that a later command does not bring them back.
 */
export const wantsExamples = async ({
  examples,
  databaseUrl,
  dataDir,
}: Pick<Config, 'examples' | 'databaseUrl' | 'dataDir'>): Promise<boolean> => {
  if (databaseUrl !== null) return examples === 'on'
  const refusal = join(dataDir, 'no-examples')
  if (examples === 'on') await rm(refusal, { force: true })
  if (examples === 'off') {
    await mkdir(dataDir, { recursive: true })
    await writeFile(refusal, '')
  }
  return !existsSync(refusal)
}

const person = (
  id: string,
  name: string,
  role: Known['people'][number]['role'],
  contractorId: string | null = null,
): Known['people'][number] => ({ id, name, role, contractorId, phone: null, email: null })

/** Invented people, contractors, teams and projects, so that one person can play the whole job by switching users. */
export const examples: Known = {
  projects: [
    { id: 'lawley', code: 'LAW', name: 'Lawley', managerId: 'naledi', groupId: null },
    { id: 'mohadin', code: 'MOH', name: 'Mohadin', managerId: 'naledi', groupId: null },
    { id: 'mamelodi', code: 'MAM', name: 'Mamelodi', managerId: 'naledi', groupId: null },
  ],
  contractors: [
    { id: 'own', name: 'FibreFlow field teams', phone: null, groupId: null, isOwn: true },
    { id: 'ubuntu-fibre', name: 'Ubuntu Fibre', phone: null, groupId: null, isOwn: false },
    { id: 'highveld-drops', name: 'Highveld Drops', phone: null, groupId: null, isOwn: false },
  ],
  people: [
    person('thabo', 'Thabo Mokoena', 'technician', 'ubuntu-fibre'),
    person('sipho', 'Sipho Dlamini', 'technician', 'own'),
    person('anele', 'Anele Khumalo', 'technician', 'highveld-drops'),
    person('pieter', 'Pieter van Wyk', 'contractor', 'ubuntu-fibre'),
    person('lerato', 'Lerato Nkosi', 'qa'),
    person('zanele', 'Zanele Botha', 'qa_lead'),
    person('naledi', 'Naledi Maseko', 'manager'),
    person('admin', 'Administrator', 'admin'),
    person('vusi', 'Vusi Ndlovu', 'viewer'),
    person('weekly-robot', 'Weekly report import', 'service'),
  ],
  teams: [
    { id: 'law1', name: 'Lawley 1', contractorId: 'ubuntu-fibre', memberIds: ['thabo'], phone: null, groupId: null },
    { id: 'law2', name: 'Lawley 2', contractorId: 'own', memberIds: ['sipho'], phone: null, groupId: null },
    { id: 'moh5', name: 'Mohadin 5', contractorId: 'highveld-drops', memberIds: ['anele'], phone: null, groupId: null },
  ],
}
