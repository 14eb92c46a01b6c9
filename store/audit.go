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

// Actor is who decides: an API key, as it is called at that time.
type Actor struct {
	ID   uuid.UUID
	Name string
}

// Actor returns the key as one who decides; a key without a name is called by its id.
func (k Key) Actor() Actor {
	return Actor{ID: k.ID, Name: cmp.Or(k.Name, "key "+k.ID.String())}
}

// Action is something that the audit tells of.
type Action string

// The actions.
const (
	ActionCorrect       Action = "mend"
	ActionMendAll       Action = "mend_all"
	ActionKeepAlias     Action = "keep_alias"
	ActionRemoveAlias   Action = "remove_alias"
	ActionCreateContact Action = "create_contact"
	ActionCancel        Action = Action(TransitionCancel)
	ActionRetry         Action = Action(TransitionRetry)
	ActionUndo          Action = Action(TransitionUndo)
	ActionCommit        Action = Action(TransitionCommit)
)

// AuditEntry tells who decided what, and when.
type AuditEntry struct {
	ID        uuid.UUID // later ones are greater
	Action    Action
	By        Actor
	ImportID  uuid.UUID   // nil where it concerns none
	Detail    AuditDetail // what was decided
	CreatedAt time.Time
}

// AuditDetail is what was decided; what does not apply is empty.
type AuditDetail struct {
	Selector *Selector         `json:"selector,omitempty"` // which dead letters were corrected
	Fields   map[string]string `json:"fields,omitempty"`   // with what
	Rows     int               `json:"rows,omitempty"`     // how many they were
	Remember bool              `json:"remember,omitempty"`
	Kind     string            `json:"kind,omitempty"` // of a record or alias
	Name     string            `json:"name,omitempty"`
	RecordID uuid.UUID         `json:"record_id,omitzero"`
	Before   uuid.UUID         `json:"before,omitzero"` // the record that an alias meant until then
}

// Audit lists what was decided in a workspace, the latest first: entries before one with the given
// id, or the latest ones of all when that is nil.
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

// newNote is an entry to be noted.
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

// note writes an entry, in the transaction that does what it tells of.
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
