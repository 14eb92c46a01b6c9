package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Actor is an API key that makes a decision, with its name at that time.
type Actor struct {
	ID   uuid.UUID
	Name string
	// PartOf is the entry of the decision that what the actor does is a part of; nil for a decision
	// of its own.
	PartOf uuid.UUID
}

// In returns the actor of a further part of a decision.
func (a Actor) In(decision uuid.UUID) Actor {
	if a.PartOf == uuid.Nil {
		a.PartOf = decision
	}
	return a
}

// Actor returns the key as an actor; a key without a name is named by its id.
func (k Key) Actor() Actor {
	return Actor{ID: k.ID, Name: cmp.Or(k.Name, "key "+k.ID.String())}
}

// Action is a kind of audit entry.
type Action string

// The actions.
const (
	ActionCorrect       Action = "correct"
	ActionCorrectAll    Action = "correct_all"
	ActionKeepAlias     Action = "keep_alias"
	ActionRemoveAlias   Action = "remove_alias"
	ActionCreateContact Action = "create_contact"
	ActionCreateCompany Action = "create_company"
	ActionDeleteRecord  Action = "delete_record"
	ActionCancel        Action = Action(TransitionCancel)
	ActionRetry         Action = Action(TransitionRetry)
	ActionUndo          Action = Action(TransitionUndo)
	ActionCommit        Action = Action(TransitionCommit)
	ActionPurge         Action = Action(TransitionPurge)
	ActionErase         Action = "erase" // a person's data, by the command line
	ActionDismiss       Action = Action(TransitionDismiss)
	ActionRestore       Action = "restore" // of dismissed dead letters
	ActionUndoDecision  Action = "undo_decision"
	ActionRetryRejects  Action = "retry_rejects" // by an import of the directory
)

// AuditEntry is a decision: by whom, what and when.
type AuditEntry struct {
	ID        uuid.UUID // later ones are greater
	Action    Action
	By        Actor
	ImportID  uuid.UUID   // nil without an import
	Detail    AuditDetail // the decision
	CreatedAt time.Time
	Undone    bool // the decision was undone
}

// Decision returns the id by which the decision of the entry can be undone; nil for an entry that
// cannot.
func (e AuditEntry) Decision() uuid.UUID {
	switch {
	case e.Undone, !e.decides():
		return uuid.Nil
	case e.By.PartOf != uuid.Nil:
		return e.By.PartOf
	}
	return e.ID
}

// AuditDetail is the content of a decision; fields that do not apply are empty.
type AuditDetail struct {
	Selector *Selector         `json:"selector,omitempty"` // the corrected dead letters
	Fields   map[string]string `json:"fields,omitempty"`   // their new values
	Rows     int               `json:"rows,omitempty"`     // their number
	Remember bool              `json:"remember,omitempty"`
	Kind     string            `json:"kind,omitempty"` // of a record or alias
	Name     string            `json:"name,omitempty"`
	RecordID uuid.UUID         `json:"record_id,omitzero"`
	Before   uuid.UUID         `json:"before,omitzero"` // the record that the alias meant before
	// Company is the company that was added with a contact, and Version that of the directory then.
	Company uuid.UUID `json:"company_id,omitzero"`
	Version int64     `json:"version,omitempty"`
}

const readAudit = `SELECT a.id, a.action, a.actor_id, a.actor_name, a.import_id, a.part_of, a.detail, a.created_at,
	EXISTS (SELECT FROM audit u WHERE u.workspace_id = a.workspace_id AND u.part_of = coalesce(a.part_of, a.id)
	AND u.action = 'undo_decision') FROM audit a WHERE a.workspace_id = $1`

// Audit lists the decisions in a workspace, the latest first, at most limit: those before the entry
// beforeID, or the latest of all when it is nil.
func (s *Store) Audit(ctx context.Context, workspace, beforeID uuid.UUID, limit int) ([]AuditEntry, error) {
	rows, err := s.pool.Query(ctx, readAudit+` AND ($2::uuid IS NULL OR a.id < $2) ORDER BY a.id DESC LIMIT $3`, workspace,
		idOrNull(beforeID), limit)
	if err != nil {
		return nil, translate(err)
	}
	entries, err := pgx.CollectRows(rows, scanAuditEntry)
	return entries, translate(err)
}

func scanAuditEntry(row pgx.CollectableRow) (AuditEntry, error) {
	var e AuditEntry
	var actor, importID, partOf uuid.NullUUID
	err := row.Scan(&e.ID, &e.Action, &actor, &e.By.Name, &importID, &partOf, &e.Detail, &e.CreatedAt, &e.Undone)
	e.By.ID, e.By.PartOf, e.ImportID, e.CreatedAt = actor.UUID, partOf.UUID, importID.UUID, e.CreatedAt.UTC()
	return e, err
}

// newNote returns an entry to be written.
func newNote(workspace uuid.UUID, a Action, by Actor, importID uuid.UUID, d *AuditDetail) auditNote {
	if d == nil {
		d = &AuditDetail{}
	}
	return auditNote{workspace: workspace, AuditEntry: AuditEntry{ID: newID(), Action: a, By: by, ImportID: importID,
		Detail: *d}}
}

type auditNote struct {
	workspace uuid.UUID
	AuditEntry
}

// note writes an entry, in the transaction of the decision.
func note(ctx context.Context, tx pgx.Tx, n auditNote) error {
	detail, err := json.Marshal(n.Detail)
	if err != nil {
		return fmt.Errorf("encode audit: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit (workspace_id, id, action, actor_id, actor_name, import_id, detail,
		part_of, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now())`,
		n.workspace, n.ID, n.Action, idOrNull(n.By.ID), n.By.Name, idOrNull(n.ImportID), string(detail),
		idOrNull(n.By.PartOf))
	return err
}
