package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// createdTask is a task as an event tells of it.
type createdTask struct {
	ID  uuid.UUID `json:"id"`
	Row int       `json:"row_number,omitempty"`
}

// tasksEvent is the data of EventTaskCreated: the tasks that one chunk has created, or one that came alone.
type tasksEvent struct {
	JobID *uuid.UUID    `json:"job_id"`
	Tasks []createdTask `json:"tasks"`
}

// announceTasks writes the event of a chunk's new tasks, in the transaction that creates them, for who wants to know.
func announceTasks(ctx context.Context, tx pgx.Tx, c *Claim, tasks []importer.Draft) error {
	if len(tasks) == 0 {
		return nil
	}
	var wanted bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM webhooks WHERE workspace_id = $1 AND $2 = ANY (events))`, c.WorkspaceID, EventTaskCreated).Scan(&wanted); err != nil || !wanted {
		return err
	}
	event := tasksEvent{JobID: &c.ImportID, Tasks: make([]createdTask, len(tasks))}
	for i := range tasks {
		event.Tasks[i] = createdTask{ID: tasks[i].ID, Row: tasks[i].Row}
	}
	data, err := toJSON(event)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, announceOne, c.WorkspaceID, EventTaskCreated, data)
	return err
}

// announceTask writes the event of a task that came alone.
func announceTask(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) error {
	data, err := toJSON(tasksEvent{Tasks: []createdTask{{ID: id}}})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, announceOne, workspace, EventTaskCreated, data)
	return err
}

// announceOne tells of one thing that has happened.
var announceOne = announce(`SELECT $1::uuid AS workspace_id, $2::text AS type, $3::jsonb AS data`)

// announce gives the statement that writes what happened, rows of workspace_id, type and data, for each webhook that wants to know.
func announce(happened string) string {
	return `WITH happened AS MATERIALIZED (` + happened + `), ` + announced + ` SELECT count(*) FROM deliveries`
}

// announced are the parts of a statement that write the events of its part happened, and begin their deliveries.
const announced = `wanted AS MATERIALIZED (
		SELECT h.workspace_id, gen_random_uuid() AS id, h.type, h.data FROM happened h
		WHERE EXISTS (SELECT FROM webhooks w WHERE w.workspace_id = h.workspace_id AND h.type = ANY (w.events))),
	events AS (INSERT INTO webhook_events (workspace_id, id, type, data, created_at) SELECT workspace_id, id, type, data, clock_timestamp() FROM wanted),
	deliveries AS (INSERT INTO webhook_deliveries (workspace_id, webhook_id, event_id, due_at)
		SELECT n.workspace_id, w.id, n.id, now() FROM wanted n JOIN webhooks w ON w.workspace_id = n.workspace_id AND n.type = ANY (w.events) RETURNING 1)`

// endedImports makes events of the imports that a statement's part ended has ended.
const endedImports = `happened AS MATERIALIZED (SELECT e.workspace_id, CASE e.status WHEN 'completed' THEN '` + string(EventImportCompleted) + `' ELSE '` + string(EventImportFailed) + `' END AS type,
		jsonb_build_object('job_id', e.id, 'kind', e.kind, 'status', e.status, 'dry_run', coalesce(e.options->'dry_run', 'false'), 'file_name', e.file_name, 'total_count', e.total_count,
			'created_count', n.created, 'updated_count', n.updated, 'skipped_count', n.skipped, 'rejected_count', n.rejected,
			'created_at', e.created_at, 'finished_at', e.finished_at) || CASE WHEN e.error IS NULL THEN '{}' ELSE jsonb_build_object('message', e.error) END AS data
		FROM ended e CROSS JOIN LATERAL (SELECT sum(created_count) AS created, sum(updated_count) AS updated, sum(skipped_count) AS skipped, sum(rejected_count) AS rejected
			FROM chunks c WHERE c.workspace_id = e.workspace_id AND c.import_id = e.id) n)`
