package intake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// newTask returns the linked task of a request.
func (a *api) newTask(title string, idem *store.Idempotency) store.NewTask {
	a.t.Helper()
	object, err := importer.ReadObject([]byte(jsonOf(a.t, map[string]string{"title": title,
		"contact_id": a.contact("Hans Müller")})))
	if err != nil {
		a.t.Fatal(err)
	}
	values, fault := importer.TaskValues(object)
	if fault != nil {
		a.t.Fatal(fault)
	}
	batch, fault := importer.ReadTask(values, time.Now())
	if fault != nil {
		a.t.Fatal(fault)
	}
	version, err := a.store.DirectoryVersion(a.t.Context(), a.workspace)
	if err != nil {
		a.t.Fatal(err)
	}
	if err := batch.Resolve(a.t.Context(), a.store.ResolverAt(a.workspace, version, false),
		importer.Options{}); err != nil {
		a.t.Fatal(err)
	}
	return store.NewTask{Workspace: a.workspace, Batch: batch, Seen: version, Idem: idem}
}

// An incomplete request delays no other request, and creates nothing if it breaks off.
func TestTasksOfRequestsThatAreNotWhole(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	asked, breaks := make(chan struct{}), make(chan struct{})
	idem := &store.Idempotency{WorkspaceID: a.workspace, Key: "k", Owner: uuid.New(), Fingerprint: func() []byte {
		close(asked)
		<-breaks
		return nil
	}}
	if kept, err := a.store.BeginIdempotent(t.Context(), idem); kept != nil || err != nil {
		t.Fatalf("%+v %v", kept, err)
	}
	slow, whole := a.newTask("slow", idem), a.newTask("whole", nil)
	failed := make(chan error, 1)
	go func() {
		_, _, err := a.store.CreateTask(t.Context(), slow)
		failed <- err
	}()
	<-asked
	if _, _, err := a.store.CreateTask(t.Context(), whole); err != nil {
		t.Errorf("beside a request that has not ended: %v", err)
	}
	close(breaks)
	if err := <-failed; !errors.Is(err, store.ErrBroken) {
		t.Errorf("a request that broke off: %v", err)
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE title = 'slow'`) + a.query(`SELECT count(*) FROM idempotency_keys
		WHERE resource IS NOT NULL`); n != 0 {
		t.Errorf("it left %d things behind", n)
	}
}

// If the creation of a task panics in another goroutine, only that task fails.
func TestATaskThatPanicsFailsAlone(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	asked := 0
	idem := &store.Idempotency{WorkspaceID: a.workspace, Key: "k", Owner: uuid.New(), Fingerprint: func() []byte {
		if asked++; asked == 3 { // the first two are before the transaction of its own
			panic("at the disco")
		}
		return []byte("digest")
	}}
	if kept, err := a.store.BeginIdempotent(t.Context(), idem); kept != nil || err != nil {
		t.Fatalf("%+v %v", kept, err)
	}
	task := a.newTask("odd", idem)
	task.Seen-- // so that it is not written together with others
	if _, _, err := a.store.CreateTask(t.Context(), task); err == nil || !strings.Contains(err.Error(), "at the disco") {
		t.Errorf("got %v", err)
	}
	if _, _, err := a.store.CreateTask(t.Context(), a.newTask("even", nil)); err != nil {
		t.Error(err)
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE title = 'odd'`); n != 0 {
		t.Errorf("it left %d tasks behind", n)
	}
}

// A task whose external id is freed before it can be skipped or updated must be resolved again.
func TestRepeatedTaskThatIsGone(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	for _, on := range []importer.OnDuplicate{importer.DuplicateSkip, importer.DuplicateUpdate} {
		task := a.newTask("gone", nil)
		task.OnDuplicate = on
		task.Batch.Tasks[0].ExternalID = "x"
		task.Batch.Repeats, task.Batch.Tasks = task.Batch.Tasks, nil
		if _, _, err := a.store.CreateTask(t.Context(), task); !errors.Is(err, store.ErrRetry) {
			t.Errorf("%s: got %v, want %v", on, err, store.ErrRetry)
		}
	}
}

// A new task whose external id is already used must be resolved again; nothing is created.
func TestNewTaskWhoseExternalIDIsTaken(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	for n, want := range []error{nil, store.ErrExists} {
		task := a.newTask("twice", nil)
		task.Batch.Tasks[0].ExternalID = "x"
		if _, _, err := a.store.CreateTask(t.Context(), task); !errors.Is(err, want) {
			t.Errorf("task %d: got %v, want %v", n+1, err, want)
		}
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE title = 'twice'`); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
}
