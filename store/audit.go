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
	ActionDeleteRecord  Action = "delete_record"
	ActionCancel        Action = Action(TransitionCancel)
	ActionRetry         Action = Action(TransitionRetry)
	ActionUndo          Action = Action(TransitionUndo)
	ActionCommit        Action = Action(TransitionCommit)
	ActionPurge         Action = Action(TransitionPurge)
	ActionErase         Action = "erase" // a person's data, by the command line
	ActionDismiss       Action = Action(TransitionDismiss)
	ActionRestore       Action = "restore" // of dismissed dead letters
)

// AuditEntry is a decision: by whom, what and when.
type AuditEntry struct {
	ID        uuid.UUID // later ones are greater
	Action    Action
	By        Actor
	ImportID  uuid.UUID   // nil without an import
	Detail    AuditDetail // the decision
	CreatedAt time.Time
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
}

// Audit lists the decisions in a workspace, the latest first, at most limit: those before the entry
// beforeID, or the latest of all when it is nil.
func (s *Store) Audit(ctx context.Context, workspace, beforeID uuid.UUID, limit int) ([]AuditEntry, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, action, actor_id, actor_name, import_id, detail, created_at FROM audit
		WHERE workspace_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, workspace,
		idOrNull(beforeID), limit)
	if err != nil {
		return nil, translate(err)
	}
	entries, err := pgx.CollectRows(rows, scanAuditEntry)
	return entries, translate(err)
}

func scanAuditEntry(row pgx.CollectableRow) (AuditEntry, error) {
	var e AuditEntry
	var actor, importID uuid.NullUUID
	err := row.Scan(&e.ID, &e.Action, &actor, &e.By.Name, &importID, &e.Detail, &e.CreatedAt)
	e.By.ID, e.ImportID, e.CreatedAt = actor.UUID, importID.UUID, e.CreatedAt.UTC()
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
		created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, now())`,
		n.workspace, n.ID, n.Action, idOrNull(n.By.ID), n.By.Name, idOrNull(n.ImportID), string(detail))
	return err
}
