package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	slowClients = 200
	goodClients = 50
	goodAsks    = 10
	// A slow client may cost its connection and some buffers, no more.
	slowClientBytes = 512 << 10
)

// Slow headers, slow bodies and slow readers do not keep others from their answers, and cost little
// memory. It runs alone: it measures the process.
func TestSlowClientsKeepNobodyFromAnAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("it opens hundreds of connections")
	}
	p := installed(t, func(p *program) string {
		return p.start(true, "serve", "--listen", "127.0.0.1:0", "--chunk-rows", strconv.Itoa(slowChunkRows))
	})
	kinds := slowKinds(t, p)
	before := heap()
	ctx, cancel := context.WithCancel(t.Context())
	var slow sync.WaitGroup
	defer func() { cancel(); slow.Wait() }()
	slow.Go(func() { keepMoving(ctx, t, p.env["DATABASE_URL"]) })
	met := map[string]int{}
	for n := range slowClients {
		kind := kinds[n%len(kinds)]
		conn := dial(t, strings.TrimPrefix(p.env["TASKPORT_SERVER"], "http://"), kind.begin(n))
		if kind.isMet(t, conn) {
			met[kind.name]++
		}
		slow.Go(func() { drip(ctx, conn) })
	}
	for _, kind := range kinds {
		if want := slowClients / len(kinds); met[kind.name] < want {
			t.Errorf("%s: the server has met %d clients, want %d", kind.name, met[kind.name], want)
		}
	}
	nothingIsHeld(t, p.env["DATABASE_URL"])
	var good sync.WaitGroup
	for n := range goodClients {
		good.Go(func() { behave(t, p, n) })
	}
	good.Wait()
	if grown := heap() - before; grown > slowClients*slowClientBytes {
		t.Errorf("%d slow clients cost %d MiB", slowClients, grown>>20)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, found := strings.Cut(strings.ReplaceAll(text, `": "`, `":"`), before)
	value, _, closed := strings.Cut(rest, after)
	if !found || !closed {
		t.Fatalf("no %s in %s", before, text)
	}
	return value
}

func dial(t *testing.T, address, begin string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, begin); err != nil {
		t.Fatal(err)
	}
	return conn
}

// drip sends a byte now and then, and reads nothing, until ctx ends or the server has had enough.
func drip(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ticker := time.NewTicker(300 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if _, err := conn.Write([]byte("x")); err != nil {
				<-ctx.Done()
				return
			}
		}
	}
}

// behave creates tasks and reads them, each within a time that a client would wait.
func behave(t *testing.T, p *program, n int) {
	client := &http.Client{Timeout: 30 * time.Second}
	for range goodAsks {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.env["TASKPORT_SERVER"]+"/v1/tasks",
			strings.NewReader(`{"title": "Call", "contact_name": "Hans Müller"}`))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+p.env["TASKPORT_API_KEY"])
		resp, err := client.Do(req)
		if err != nil {
			t.Errorf("client %d: %v", n, err)
			return
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusCreated {
			t.Errorf("client %d: %d %s %v", n, resp.StatusCode, body, err)
			return
		}
	}
}

// Each part of a request has its limit: the time for the headers, their size, the length of the
// line, the depth of JSON.
func TestLimitsOfARequest(t *testing.T) {
	t.Parallel()
	p := installed(t, up)
	address := strings.TrimPrefix(p.env["TASKPORT_SERVER"], "http://")
	head := "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + p.env["TASKPORT_API_KEY"] + "\r\n"
	deep := `{"title": ` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `}`
	for name, c := range map[string]struct{ request, want string }{
		"many headers": {head + strings.Repeat("X-More: "+strings.Repeat("y", 90)+"\r\n", 1000) + "\r\n", "431 "},
		"a long line":  {"GET /" + strings.Repeat("y", 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431 "},
		"deep JSON": {head + fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(deep),
			deep), "400 "},
		"slow headers": {head + "X-Slow: ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, address, c.request)
			defer conn.Close()
			if err := conn.SetReadDeadline(time.Now().Add(4 * headerTimeout)); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(conn).ReadString('\n')
			if c.want == "" {
				if n, ok := err.(net.Error); ok && n.Timeout() { //nolint:errorlint // it comes as it is
					t.Error("the connection is kept")
				}
				return
			}
			if !strings.Contains(line, c.want) {
				t.Errorf("answered %q, %v", line, err)
			}
		})
	}
}
