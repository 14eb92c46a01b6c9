package worker

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/store"
)

// relay connects a store with its database. Connections through it can fall silent, as those
// do whose other end has vanished.
type relay struct {
	listener net.Listener
	to       func() (net.Conn, error)

	mu    sync.Mutex
	links []*link
}

// link is a connection through a relay.
type link struct {
	mu     sync.Mutex
	silent bool
	client net.Conn
	server net.Conn
}

// relayed returns a store that reaches the database of the bundle through a relay.
func (b *bundle) relayed(t *testing.T) (*relay, *store.Store) {
	t.Helper()
	config, err := pgx.ParseConfig(b.url)
	if err != nil {
		t.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	r := &relay{to: func() (net.Conn, error) { return net.Dial(network, address) }} //nolint:noctx // it answers at once
	if r.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {             //nolint:noctx // closed with the test
		t.Fatal(err)
	}
	go r.accept()
	t.Cleanup(r.close)
	through := url.URL{Scheme: "postgres", User: url.UserPassword(config.User, config.Password),
		Host: r.listener.Addr().String(), Path: "/" + config.Database, RawQuery: "sslmode=disable"}
	s, err := store.Open(t.Context(), through.String(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return r, s
}

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := r.to()
		if err != nil {
			_ = client.Close()
			continue
		}
		l := &link{client: client, server: server}
		r.mu.Lock()
		r.links = append(r.links, l)
		r.mu.Unlock()
		go l.pass(client, server)
		go l.pass(server, client)
	}
}

// pass sends on what comes, until it is silent: then it goes on listening, and says nothing.
func (l *link) pass(from, to net.Conn) {
	_, _ = io.Copy(speaker{l, to}, from)
	_ = from.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.silent {
		_ = to.Close()
	}
}

// speaker is the end of a link that is spoken to.
type speaker struct {
	*link
	to net.Conn
}

func (s speaker) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent {
		return len(p), nil
	}
	return s.to.Write(p)
}

// silence makes the connections that there are silent; later ones speak. The database loses them,
// as it would in time.
func (r *relay) silence() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.links {
		l.mu.Lock()
		l.silent = true
		_ = l.server.Close()
		l.mu.Unlock()
	}
}

func (r *relay) close() {
	_ = r.listener.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.links {
		_ = l.client.Close()
		_ = l.server.Close()
	}
}

// impatient is a worker on a store that does not wait long for an answer.
func (b *bundle) impatient(s *store.Store) *Worker {
	w := b.worker()
	w.Store, w.Lease, w.queryTimeout = s, 300*time.Millisecond, 500*time.Millisecond
	return w
}

var errNoFile = errors.New("there is no file")

// The sweeper is the only one that repairs: it must not listen for hours to a connection that says
// nothing any more.
func TestTheSweeperOutlivesASilentConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, s := b.relayed(t)
	w := b.impatient(s)
	for _, once := range []func() error{
		func() error { _, err := w.SweepOnce(t.Context()); return err },
		func() error { _, err := w.DispatchOnce(t.Context()); return err },
	} {
		if err := once(); err != nil {
			t.Fatal(err)
		}
		r.silence()
		await(t, "a sweep over new connections", func() bool { return once() == nil })
	}
}

// A worker whose connections fall silent while it has a chunk releases it, and claims it again over
// new ones.
func TestAWorkerOutlivesSilentConnections(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, s := b.relayed(t)
	w := b.impatient(s)
	i := b.stage(t, "tasks", tasksFile(20), 20)
	fell := 0
	w.beforeCommit = func(*store.Claim) {
		if fell++; fell > 1 {
			return
		}
		// The write and the extension of the lease each get a connection that already exists.
		_, err := s.Stage(t.Context(), store.NewImport{WorkspaceID: b.workspace, Kind: importer.Tasks,
			CreatedAt: time.Now(), Buffered: true},
			func(func(file.Chunk) error) (importer.Layout, bool, error) {
				_, err := s.Import(t.Context(), b.workspace, i.ID)
				return importer.Layout{}, false, errors.Join(err, errNoFile)
			})
		if err == nil || err.Error() != errNoFile.Error() {
			t.Errorf("two connections at once: %v", err)
		}
		r.silence()
	}
	await(t, "the chunk is done", func() bool {
		if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
			t.Log(fmt.Errorf("tried again: %w", err))
		}
		now, err := b.store.Import(t.Context(), b.workspace, i.ID)
		return err == nil && now.Status.Final()
	})
	if fell < 2 {
		t.Error("the connections did not fall silent in the middle of the work")
	}
	b.everyRowOnce(t, b.await(t, i), 20)
}
