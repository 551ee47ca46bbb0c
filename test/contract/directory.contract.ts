import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Contractor, Directory, Known, Person, Project, Team } from '../../src/application/ports/directory.ts'

const plannet: Contractor = { id: 'plannet', name: 'PlanNet', phone: '+27821112222', groupId: null, isOwn: false }
const own: Contractor = { id: 'velocity', name: 'Velocity', phone: null, groupId: 'v@g.us', isOwn: true }
const thandi: Person = {
  id: 'thandi',
  name: 'Thandi',
  role: 'technician',
  contractorId: 'plannet',
  phone: '+27820000001',
  email: null,
}
const anna: Person = {
  id: 'anna',
  name: 'Anna',
  role: 'manager',
  contractorId: null,
  phone: null,
  email: 'anna@example.test',
}
const law1: Team = {
  id: 'law1',
  name: 'Lawley 1',
  contractorId: 'plannet',
  memberIds: ['thandi'],
  phone: null,
  groupId: 'law1@g.us',
}
const lawley: Project = { id: 'lawley', code: 'LAW', name: 'Lawley', managerId: 'anna', groupId: null }
const everyone: Known = { people: [anna, thandi], contractors: [plannet, own], teams: [law1], projects: [lawley] }
const nobody: Known = { people: [], contractors: [], teams: [], projects: [] }

/** What every directory promises. */
export const directoryContract = (
  title: string,
  open: () => Promise<{ readonly directory: Directory; readonly close: () => Promise<void> }>,
): void => {
  describe(`The directory ${title}`, () => {
    let directory: Directory
    let close: () => Promise<void>
    beforeEach(async () => {
      ;({ directory, close } = await open())
    })
    afterEach(() => close())

    it('knows nobody at first', async () => {
      expect(await directory.all()()).toEqual(E.right(nobody))
      expect(await directory.find({ people: ['thandi'], projects: ['lawley'] })()).toEqual(E.right(nobody))
    })

    it('gives back everyone as saved, by name', async () => {
      expect(await directory.save(everyone)()).toEqual(E.right(undefined))
      expect(await directory.all()()).toEqual(E.right(everyone))
    })

    it('finds those asked for and no others', async () => {
      await directory.save(everyone)()
      expect(await directory.find({ people: ['thandi', 'stranger'], contractors: ['velocity'], teams: [] })()).toEqual(
        E.right({ ...nobody, people: [thandi], contractors: [own] }),
      )
      expect(await directory.find({})()).toEqual(E.right(nobody))
    })

    it('replaces an entry of the same id, the last of several, and leaves the others', async () => {
      await directory.save(everyone)()
      const moved = { ...thandi, name: 'Thandi M', contractorId: 'velocity', phone: null }
      await directory.save({ people: [{ ...moved, name: 'Once' }, moved] })()
      expect(await directory.all()()).toEqual(E.right({ ...everyone, people: [anna, moved] }))
    })

    it('two projects have two codes; whoever brings a taken one changes nothing', async () => {
      await directory.save(everyone)()
      const twin = { ...lawley, id: 'lawley-2', name: 'Lawley again' }
      const taken = await directory.save({ people: [{ ...anna, name: 'Anna B' }], projects: [twin] })()
      expect(taken).toEqual(E.left({ type: 'AlreadyExists', constraint: 'directory_projects_code_key' }))
      expect(await directory.all()()).toEqual(E.right(everyone))
      expect(await directory.save({ projects: [{ ...lawley, name: 'Lawley North' }] })()).toEqual(E.right(undefined))
    })

    it('saves nothing when there is nothing to save', async () => {
      expect(await directory.save({})()).toEqual(E.right(undefined))
      expect(await directory.all()()).toEqual(E.right(nobody))
    })
  })
}
