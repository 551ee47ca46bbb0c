-- 1. tickets - Core ticket table
CREATE TABLE tickets (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_uid VARCHAR(20) UNIQUE NOT NULL, -- e.g., FT406824

  -- Source tracking
  source VARCHAR(20) NOT NULL, -- 'qcontact', 'weekly_report', 'construction', 'ad_hoc', 'incident', 'revenue', 'ont_swap'
  external_id VARCHAR(100), -- QContact ticket ID, report line ID, etc.

  -- Core fields
  title VARCHAR(255) NOT NULL,
  description TEXT,
  ticket_type VARCHAR(50) NOT NULL, -- 'maintenance', 'new_installation', 'modification', 'ont_swap', 'incident'
  priority VARCHAR(20) DEFAULT 'normal', -- 'low', 'normal', 'high', 'urgent', 'critical'
  status VARCHAR(30) DEFAULT 'open', -- see status enum below

  -- Location
  dr_number VARCHAR(50),
  project_id UUID REFERENCES projects(id),
  zone_id UUID,
  pole_number VARCHAR(50),
  pon_number VARCHAR(50),
  address TEXT,
  gps_coordinates POINT,

  -- Equipment
  ont_serial VARCHAR(100),
  ont_rx_level DECIMAL(5,2), -- Fiber power level in dBm
  ont_model VARCHAR(100),

  -- Assignment
  assigned_to UUID REFERENCES users(id),
  assigned_contractor_id UUID REFERENCES contractors(id),
  assigned_team VARCHAR(100),

  -- Guarantee
  guarantee_status VARCHAR(20), -- 'under_guarantee', 'out_of_guarantee', 'pending_classification'
  guarantee_expires_at TIMESTAMP,
  is_billable BOOLEAN,
  billing_classification VARCHAR(50),

  -- Verification (from maintenance requirements)
  qa_ready BOOLEAN DEFAULT false,
  qa_readiness_check_at TIMESTAMP,
  qa_readiness_failed_reasons JSONB, -- Array of failed checks

  -- Fault Attribution (from maintenance requirements)
  fault_cause VARCHAR(50), -- 'workmanship', 'material_failure', 'client_damage', 'third_party', 'environmental', 'vandalism', 'unknown'
  fault_cause_details TEXT,

  -- Rectification tracking
  rectification_count INTEGER DEFAULT 0, -- Number of fix attempts

  -- SLA
  sla_due_at TIMESTAMP,
  sla_first_response_at TIMESTAMP,
  sla_breached BOOLEAN DEFAULT false,

  -- Timestamps
  created_at TIMESTAMP DEFAULT NOW(),
  created_by UUID REFERENCES users(id),
  updated_at TIMESTAMP DEFAULT NOW(),
  closed_at TIMESTAMP,
  closed_by UUID REFERENCES users(id),

  CHECK (source IN ('qcontact', 'weekly_report', 'construction', 'ad_hoc', 'incident', 'revenue', 'ont_swap')),
  CHECK (priority IN ('low', 'normal', 'high', 'urgent', 'critical')),
  CHECK (fault_cause IN ('workmanship', 'material_failure', 'client_damage', 'third_party', 'environmental', 'vandalism', 'unknown', NULL))
);

CREATE INDEX idx_tickets_dr ON tickets(dr_number);
CREATE INDEX idx_tickets_status ON tickets(status);
CREATE INDEX idx_tickets_project ON tickets(project_id);
CREATE INDEX idx_tickets_assigned ON tickets(assigned_to);
CREATE INDEX idx_tickets_contractor ON tickets(assigned_contractor_id);
CREATE INDEX idx_tickets_sla ON tickets(sla_due_at) WHERE NOT sla_breached;

-- 2. verification_steps - 12-step verification tracking
CREATE TABLE verification_steps (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_id UUID NOT NULL REFERENCES tickets(id) ON DELETE CASCADE,
  step_number INTEGER NOT NULL, -- 1-12
  step_name VARCHAR(100) NOT NULL,
  step_description TEXT,

  -- Completion
  is_complete BOOLEAN DEFAULT false,
  completed_at TIMESTAMP,
  completed_by UUID REFERENCES users(id),

  -- Evidence
  photo_required BOOLEAN DEFAULT false,
  photo_url TEXT,
  photo_verified BOOLEAN DEFAULT false, -- Photo passed quality check
  notes TEXT,

  created_at TIMESTAMP DEFAULT NOW(),

  UNIQUE(ticket_id, step_number)
);

CREATE INDEX idx_verification_ticket ON verification_steps(ticket_id);

-- 3. weekly_reports - Import batch tracking
CREATE TABLE weekly_reports (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  report_uid VARCHAR(20) UNIQUE NOT NULL, -- e.g., WR2024-W51

  -- Import details
  week_number INTEGER NOT NULL,
  year INTEGER NOT NULL,
  report_date DATE NOT NULL,

  -- Source file
  original_filename VARCHAR(255),
  file_path TEXT,

  -- Import stats
  total_rows INTEGER,
  imported_count INTEGER,
  skipped_count INTEGER,
  error_count INTEGER,
  errors JSONB, -- Array of error details

  -- Status
  status VARCHAR(20) DEFAULT 'pending', -- 'pending', 'processing', 'completed', 'failed'

  imported_at TIMESTAMP,
  imported_by UUID REFERENCES users(id),

  created_at TIMESTAMP DEFAULT NOW()
);

-- 4. qcontact_sync_log - Bidirectional sync audit
CREATE TABLE qcontact_sync_log (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_id UUID REFERENCES tickets(id),
  qcontact_ticket_id VARCHAR(100),

  -- Sync details
  sync_direction VARCHAR(10) NOT NULL, -- 'inbound', 'outbound'
  sync_type VARCHAR(30) NOT NULL, -- 'create', 'status_update', 'assignment', 'note_add', 'full_sync'

  -- Payload
  request_payload JSONB,
  response_payload JSONB,

  -- Result
  status VARCHAR(20) NOT NULL, -- 'success', 'failed', 'partial'
  error_message TEXT,

  synced_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX idx_qcontact_sync_ticket ON qcontact_sync_log(ticket_id);

-- 5. guarantee_periods - Guarantee configuration by project
CREATE TABLE guarantee_periods (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id UUID NOT NULL REFERENCES projects(id),

  -- Guarantee rules
  installation_guarantee_days INTEGER DEFAULT 90,
  material_guarantee_days INTEGER DEFAULT 365,

  -- Billing rules
  contractor_liable_during_guarantee BOOLEAN DEFAULT true,
  auto_classify_out_of_guarantee BOOLEAN DEFAULT true,

  created_at TIMESTAMP DEFAULT NOW(),
  updated_at TIMESTAMP DEFAULT NOW(),

  UNIQUE(project_id)
);

-- 6. whatsapp_notifications - Notification delivery tracking
CREATE TABLE whatsapp_notifications (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_id UUID REFERENCES tickets(id),

  -- Recipient
  recipient_type VARCHAR(20) NOT NULL, -- 'contractor', 'technician', 'client', 'team'
  recipient_phone VARCHAR(20),
  recipient_name VARCHAR(255),

  -- Message
  message_template VARCHAR(100),
  message_content TEXT,

  -- Delivery
  status VARCHAR(20) DEFAULT 'pending', -- 'pending', 'sent', 'delivered', 'read', 'failed'
  waha_message_id VARCHAR(100),
  sent_at TIMESTAMP,
  delivered_at TIMESTAMP,
  read_at TIMESTAMP,
  error_message TEXT,

  created_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX idx_whatsapp_ticket ON whatsapp_notifications(ticket_id);

-- 7. ticket_attachments - File metadata
CREATE TABLE ticket_attachments (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_id UUID NOT NULL REFERENCES tickets(id) ON DELETE CASCADE,

  -- File info
  filename VARCHAR(255) NOT NULL,
  file_type VARCHAR(50), -- 'photo', 'document', 'excel', 'pdf'
  mime_type VARCHAR(100),
  file_size INTEGER,

  -- Storage
  storage_path TEXT NOT NULL, -- Firebase Storage path
  storage_url TEXT, -- Public URL

  -- Metadata
  uploaded_by UUID REFERENCES users(id),
  uploaded_at TIMESTAMP DEFAULT NOW(),

  -- For photo evidence
  verification_step_id UUID REFERENCES verification_steps(id),
  is_evidence BOOLEAN DEFAULT false
);

CREATE INDEX idx_attachments_ticket ON ticket_attachments(ticket_id);

-- 8. ticket_notes - Internal/client notes
CREATE TABLE ticket_notes (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_id UUID NOT NULL REFERENCES tickets(id) ON DELETE CASCADE,

  -- Note content
  note_type VARCHAR(20) DEFAULT 'internal', -- 'internal', 'client', 'system'
  content TEXT NOT NULL,

  -- Author
  created_by UUID REFERENCES users(id),
  created_at TIMESTAMP DEFAULT NOW(),

  -- For system-generated notes
  system_event VARCHAR(50), -- 'status_change', 'assignment', 'sla_warning', etc.
  event_data JSONB
);

CREATE INDEX idx_notes_ticket ON ticket_notes(ticket_id);

-- 9. qa_readiness_checks - Pre-QA validation log
CREATE TABLE qa_readiness_checks (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_id UUID NOT NULL REFERENCES tickets(id) ON DELETE CASCADE,

  -- Check results
  passed BOOLEAN NOT NULL,
  checked_at TIMESTAMP DEFAULT NOW(),
  checked_by UUID REFERENCES users(id), -- NULL for system checks

  -- Individual check results
  photos_exist BOOLEAN,
  photos_count INTEGER,
  photos_required_count INTEGER,
  dr_populated BOOLEAN,
  pole_populated BOOLEAN,
  pon_populated BOOLEAN,
  zone_populated BOOLEAN,
  ont_serial_recorded BOOLEAN,
  ont_rx_recorded BOOLEAN,
  platforms_aligned BOOLEAN, -- SP, SOW, tracker all match

  -- Failure details
  failed_checks JSONB, -- Array of failed check names with reasons

  created_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX idx_qa_readiness_ticket ON qa_readiness_checks(ticket_id);

-- 10. qa_risk_acceptances - Conditional approval tracking
CREATE TABLE qa_risk_acceptances (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_id UUID NOT NULL REFERENCES tickets(id) ON DELETE CASCADE,

  -- Risk details
  risk_type VARCHAR(50) NOT NULL, -- 'minor_defect', 'documentation_gap', 'pending_material', etc.
  risk_description TEXT NOT NULL,
  conditions TEXT, -- What must be resolved

  -- Expiry
  risk_expiry_date DATE, -- When condition must be resolved
  requires_followup BOOLEAN DEFAULT true,
  followup_date DATE,

  -- Status
  status VARCHAR(20) DEFAULT 'active', -- 'active', 'resolved', 'expired', 'escalated'
  resolved_at TIMESTAMP,
  resolved_by UUID REFERENCES users(id),
  resolution_notes TEXT,

  -- Approval
  accepted_by UUID NOT NULL REFERENCES users(id),
  accepted_at TIMESTAMP DEFAULT NOW(),

  created_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX idx_risk_acceptance_ticket ON qa_risk_acceptances(ticket_id);
CREATE INDEX idx_risk_acceptance_expiry ON qa_risk_acceptances(risk_expiry_date) WHERE status = 'active';

-- 11. handover_snapshots - Immutable audit trail
CREATE TABLE handover_snapshots (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ticket_id UUID NOT NULL REFERENCES tickets(id) ON DELETE CASCADE,

  -- Handover type
  handover_type VARCHAR(30) NOT NULL, -- 'build_to_qa', 'qa_to_maintenance', 'maintenance_complete'

  -- Snapshot data (immutable record of state at handover)
  snapshot_data JSONB NOT NULL, -- Full ticket state at handover
  evidence_links JSONB, -- All photo/document URLs
  decisions JSONB, -- All approval/rejection records
  guarantee_status VARCHAR(20),

  -- Ownership change
  from_owner_type VARCHAR(20), -- 'build', 'qa', 'maintenance'
  from_owner_id UUID,
  to_owner_type VARCHAR(20),
  to_owner_id UUID,

  -- Audit
  handover_at TIMESTAMP DEFAULT NOW(),
  handover_by UUID NOT NULL REFERENCES users(id),

  -- Lock status
  is_locked BOOLEAN DEFAULT true,

  created_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX idx_handover_ticket ON handover_snapshots(ticket_id);

-- 12. repeat_fault_escalations - Infrastructure-level escalation
CREATE TABLE repeat_fault_escalations (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),

  -- Escalation scope
  scope_type VARCHAR(20) NOT NULL, -- 'pole', 'pon', 'zone', 'dr'
  scope_value VARCHAR(100) NOT NULL, -- The pole number, PON, zone ID, or DR
  project_id UUID REFERENCES projects(id),

  -- Trigger info
  fault_count INTEGER NOT NULL, -- Number of faults that triggered escalation
  fault_threshold INTEGER NOT NULL, -- Threshold that was exceeded
  contributing_tickets JSONB, -- Array of ticket IDs that contributed

  -- Escalation
  escalation_ticket_id UUID REFERENCES tickets(id), -- The infrastructure ticket created
  escalation_type VARCHAR(30), -- 'investigation', 'inspection', 'replacement'

  -- Status
  status VARCHAR(20) DEFAULT 'open', -- 'open', 'investigating', 'resolved', 'no_action'
  resolution_notes TEXT,
  resolved_at TIMESTAMP,
  resolved_by UUID REFERENCES users(id),

  created_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX idx_escalation_scope ON repeat_fault_escalations(scope_type, scope_value);
