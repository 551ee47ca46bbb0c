import type { AppError } from '../../application/errors.ts'
import type { AuthRefusal } from '../../application/ports/authenticator.ts'
import { snakeCase } from '../contract/snake-case.ts'
import type { Code, FieldMessages } from './codes.ts'
import { takenField } from './taken-field.ts'

/** Everything that can come back from the core instead of an answer. */
export type Failure = AppError | AuthRefusal

/** `details` left out: the refusal's own data. */
export type Sentence = {
  readonly code: Code
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>> | null
}

const say =
  (code: Code) =>
  (message: string): (() => Sentence) =>
  () => ({ code, message })

const rule = say('BUSINESS_RULE_VIOLATION')
const locked = say('RESOURCE_LOCKED')
const conflict = say('CONFLICT')
const dependency = say('DEPENDENCY_ERROR')
const unsupported = say('UNSUPPORTED_MEDIA_TYPE')
const field = (fields: FieldMessages): Sentence => ({ code: 'VALIDATION_ERROR', message: '', details: fields })

type Table = { readonly [T in Failure['type']]: (failure: Extract<Failure, { readonly type: T }>) => Sentence }

/** Every refusal and failure that can leave the core, with the host's code and a sentence; a new one does not compile until it has a line here. */
export const refusals = {
  NotFound: ({ resource, id }) => ({
    code: 'NOT_FOUND',
    message: `${resource} with identifier '${id}' not found`,
    details: null,
  }),
  NotAllowed: ({ action, role }) => ({
    code: 'INSUFFICIENT_PERMISSIONS',
    message: `The role ${role} may not do this: ${action}`,
    details: { action, role },
  }),
  NotAuthenticated: ({ why }) => ({ code: 'UNAUTHORIZED', message: why, details: null }),
  RequestRefused: ({ why }) => ({ code: 'FORBIDDEN', message: why, details: null }),
  Stale: ({ version }) => ({
    code: 'CONFLICT',
    message: 'Someone else changed this first; read it again and decide on what it is now',
    details: { rule: 'Stale', current_version: version },
  }),
  AlreadyExists: ({ constraint }) => ({
    code: 'CONFLICT',
    message: 'There is one already',
    details: { rule: 'AlreadyExists', constraint: takenField(constraint) },
  }),
  Unavailable: () => ({ code: 'SERVICE_UNAVAILABLE', message: 'The database is away; try again in a moment' }),

  AssigneeUnknown: rule('The directory does not know this assignee'),
  ContractorStays: rule('A contractor assigns its own people; the contractor itself stays'),
  AssigneeOfAnotherContractor: rule('This technician or team belongs to another contractor'),
  ProjectUnknown: rule('There is no such project'),
  FieldInvalid: ({ field: name, rule: asked, value }) => {
    const must = asked.startsWith('must ') ? asked : `must be ${asked}`
    return field({ [snakeCase(name)]: value === null ? must : `${must}; it is ${JSON.stringify(value)}` })
  },
  TicketHasDrop: rule('This ticket has a drop, whose client it is about; name the project and the drop instead'),
  SowAmbiguous: rule('The design has several rows for this drop; name its pole, PON and zone'),
  SameFileAgain: conflict('This very file was uploaded before'),
  ReportNotPending: conflict('This report is not waiting for its commit'),
  DeadLetterRetried: conflict('It is on its way back to its reaction already'),
  NoSheetMatches: rule('No sheet of the workbook has the expected columns'),
  NotificationNotUnknown: rule('Only a message that nobody knows the outcome of is settled by a person'),
  SignatureWrong: () => ({ code: 'UNAUTHORIZED', message: 'The signature is missing or wrong', details: null }),
  WebhookUnreadable: () => ({ code: 'BAD_REQUEST', message: 'The body is not JSON in UTF-8', details: null }),
  TooMany: ({ field: name, max, actual }) =>
    field({ [snakeCase(name)]: `must have at most ${max} entries; it has ${actual}` }),

  TransitionNotAllowed: rule('This command does not start from the state the ticket is in'),
  FactsFrozen: locked('The facts are frozen from the start of QA on'),
  HandedOverAlready: locked('The ticket was handed over; its facts are sealed'),
  NoAssignee: rule('Name a technician, a contractor or a team'),
  TextMissing: ({ field: name }) => field({ [snakeCase(name)]: 'must not be empty' }),
  NotReady: rule('The ticket is not QA ready'),
  ReviewerDidTheWork: rule('Who did the work does not review it'),
  NotTheReviewer: rule('The reviewer who started decides'),
  StepsNotJudgedCorrect: rule('Required steps are not judged correct'),
  NoConditions: rule('Approval with conditions needs at least one risk acceptance'),
  StepsWithoutRisk: rule('Each required step not judged correct is named by a risk acceptance'),
  RiskUnknown: rule('The ticket has no such risk acceptance'),
  RiskNotActive: rule('The risk acceptance is not active'),
  RiskTransitionNotAllowed: rule('The risk acceptance cannot go there from the state it is in'),
  RiskNotYetDue: rule('The risk acceptance is not due yet'),
  RiskExpiryInPast: rule('The risk acceptance would already be expired'),
  RiskExpiryTooFar: rule('The risk acceptance would run for too long'),
  FollowUpAfterExpiry: rule('The follow-up comes before the expiry'),
  NextReviewInPast: ({ nextOn, today }) => field({ next_date: `must be ${today} or later; it is ${nextOn}` }),
  ReviewIdTaken: conflict('This id belongs to another review'),
  AcceptorDidTheWork: rule('Who did the work does not accept its risk'),
  RiskNotAcceptedHere: rule('A risk is accepted during QA, after approval, or before the gate'),
  RisksUnresolved: rule('Risks are not resolved yet'),
  NoRejectCode: rule('A rejection names at least one reason code'),
  StepsNotJudged: rule('Every required step gets a verdict'),
  StepJudgedTwice: rule('A step gets one verdict'),
  GateFailed: rule('The handover gate does not pass'),
  AsBuiltInFuture: rule('The as-built confirmation lies in the future'),
  InfrastructureIsNeverDuplicate: rule('An infrastructure ticket is never a duplicate'),
  SurvivorNotSuitable: rule('This ticket cannot be the survivor'),
  NamedAsSurvivor: rule('Other tickets name this one as their survivor; unmark them first'),
  NotADuplicate: rule('The ticket is not marked as a duplicate'),
  FaultOpenElsewhere: rule('Another open ticket was imported for this very fault; end or mark that one first'),
  HasSnapshot: rule('A ticket with a handover snapshot is never deleted'),
  TypeIsFixed: ({ why }) =>
    why === 'infrastructure'
      ? rule('Infrastructure tickets are made by escalations only, and stay what they are')()
      : rule('The type of this ticket can no longer change')(),
  DrRequired: rule('A ticket of this type needs a drop number'),
  CauseRequired: rule('A ticket of this type needs a fault cause; unknown is one'),
  StepNeedsPhoto: rule('The step needs its photo first'),
  StepNeedsValue: rule('The step needs its value'),
  StepTakesNoValue: rule('The step has no value to record'),
  StepChanged: ({ step, currentVersion }) => ({
    code: 'CONFLICT',
    message: 'Someone else changed this step first; read it again',
    details: { rule: 'StepChanged', step, current_version: currentVersion },
  }),
  StepsIncomplete: rule('Not every required step can be completed'),
  PhotoTooLate: ({ why }) =>
    why === 'frozen'
      ? locked('The photo came too late: the facts are frozen')()
      : rule(`The photo came too late: the ticket is ${why}`)(),
  PhotoOfAnotherStep: rule('This photo belongs to another step'),
  TicketStorageFull: rule('The ticket has no room for this file'),
  WorkmanshipNeeds: rule('Workmanship is set only with details, evidence and a contractor'),
  WorkmanshipOnlyByAttribution: rule('Workmanship is set only by the attribution command'),
  ComponentMissing: rule('Material failure names its component'),
  UnknownNeedsDetails: rule('An unknown cause needs details that say why'),
  PhotoUnknown: rule('The ticket has no such photo'),
  NothingToOverride: rule('No blocking verdict of this check is there to override'),
  NoReuseToClear: rule('No reuse is there to clear'),
  PhotoIsNotCurrent: rule('The photo was replaced by a later one'),
  AlreadyWaived: rule('The platform is waived already'),
  NotWaived: rule('The platform is not waived'),
  PlaceIncomplete: rule('A confirmed place has drop, pole, PON and zone'),
  LinkToItself: rule('A ticket is not linked to itself'),

  QContactNotConfigured: dependency('No QContact is configured here'),
  NotACase: rule('This ticket is no case in QContact'),
  ResolutionDoesNotFit: rule('This conflict cannot be resolved that way'),

  EscalationAlreadyEnded: rule('The escalation has ended already'),
  EscalationNotesMissing: () => field({ notes: 'must not be empty' }),
  InfrastructureTicketStillRunning: rule('The infrastructure ticket is still running; close or cancel it first'),

  StorageUnavailable: dependency('The evidence storage is away; try again in a moment'),
  ObjectMissing: dependency('The stored file is missing from the evidence storage'),
  ObjectDamaged: dependency('The stored file was changed in the evidence storage'),
  SubjectErased: ({ refused }) =>
    refused === 'read'
      ? say('GONE')("The client's data was erased; the file can never be read again")()
      : rule("The client's data was erased; the ticket takes no files any more")(),
  ObjectConflict: conflict('Another file is stored under this name'),
  PayloadTooLarge: ({ limitBytes }) => ({
    code: 'PAYLOAD_TOO_LARGE',
    message: `The file is larger than ${limitBytes} bytes`,
    details: { limit_bytes: limitBytes },
  }),
  UploadInterrupted: () => ({ code: 'BAD_REQUEST', message: 'The upload was interrupted', details: null }),
  StagedMissing: dependency('The upload is no longer there; send it again'),
  UnsafeName: rule('The file cannot be named safely'),
  UnsupportedPhotoType: unsupported('The file is no photo of an accepted kind'),
  TooManyPixels: rule('The picture has too many pixels'),
  PhotoHidesAnotherFile: unsupported('The photo carries another file inside'),
  UnsupportedDocumentType: unsupported('The file is no document of an accepted kind'),
  DocumentDamaged: rule('The document is damaged or incomplete; save or send it again'),
  DocumentHidesAnotherFile: unsupported('The document carries another file inside'),

  NotAWorkbook: rule('The file is not an xlsx workbook'),
  EncryptedWorkbook: rule('The workbook is encrypted; save it without a password'),
  WorkbookTooLarge: say('PAYLOAD_TOO_LARGE')('The workbook is larger than allowed'),
  StrictOpenXml: rule('The workbook is saved as Strict Open XML; save it as an ordinary xlsx'),
  CorruptWorkbook: rule('The workbook is damaged'),
  SheetNotFound: rule('The workbook has no such sheet'),
  ParseTimeout: rule('Reading the workbook took too long'),
  ParseStopped: () => ({ code: 'SERVICE_UNAVAILABLE', message: 'Reading the workbook was stopped; send it again' }),
  NothingRecognised: rule('No section or header of a weekly report is recognised in the workbook'),
  ProjectCodeEmpty: () => field({ project_id: 'must have letters or digits in its code' }),
  NoSuchWeek: ({ isoYear, week }) => field({ week: `must be a week of its year; it is ${isoYear}-W${week}` }),
  TooManyReportsInWeek: rule('The project has too many reports in this week'),
} satisfies Table
