package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport"
	"taskport/internal/embedded/testservices"
	"taskport/store"
	"taskport/store/storetest"
)

// BenchmarkStream streams CSV files of 100,000 and 1,000,000 rows into `taskport serve` while
// `taskport work` processes them, each a process of its own, and reports how much memory intake
// took at most above its idle state, and the rates of upload and import.
func BenchmarkStream(b *testing.B) {
	sizes := []int{100_000, 1_000_000}
	if testing.Short() {
		sizes = []int{20_000}
	}
	for _, rows := range sizes {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) { benchmarkStream(b, rows) })
	}
}

func benchmarkStream(b *testing.B, rows int) {
	binary := filepath.Join(b.TempDir(), "taskport")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	database := storetest.URL(b)
	env := append(os.Environ(), "DATABASE_URL="+database, "REDIS_URL="+testservices.RedisURL(b),
		"TASKPORT_QUEUE=bench-"+uuid.NewString(), "TASKPORT_LOG_LEVEL=error")
	s, err := store.Open(b.Context(), database, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	w, err := s.CreateWorkspace(b.Context(), "bench", now())
	if err != nil {
		b.Fatal(err)
	}
	_, key, err := s.CreateKey(b.Context(), store.NewKey{WorkspaceID: w.ID, Permissions: store.Permissions()}, now())
	if err != nil {
		b.Fatal(err)
	}
	serve, url := startProcess(b, env, binary, "serve", "--listen", "127.0.0.1:0")
	startProcess(b, env, binary, "work")
	c := &client{server: url, key: key, http: &http.Client{}, retry: retryFor}
	for _, kind := range []string{"companies", "contacts"} {
		if _, err := (&demoFlags{}).send(b.Context(), c, kind, silent{}); err != nil {
			b.Fatal(err)
		}
	}
	idle := peakMemory(b, serve)
	for b.Loop() {
		streamOnce(b, c, rows)
	}
	const mib = 1 << 20
	b.ReportMetric(float64(peakMemory(b, serve)-idle)/mib, "MiB-above-idle")
	b.ReportMetric(float64(idle)/mib, "MiB-idle")
}

// streamOnce sends the file and waits for the end of its import.
func streamOnce(b *testing.B, c *client, rows int) {
	began := time.Now()
	resp, err := c.do(b.Context(), call{method: "POST", path: "/v1/import/tasks",
		header: map[string]string{"Content-Type": "text/csv", "Prefer": "respond-async"},
		body:   func() (io.ReadCloser, error) { return taskStream(rows) }})
	if err != nil {
		b.Fatal(err)
	}
	uploaded := time.Since(began)
	raw, err := readBody(resp)
	if err != nil {
		b.Fatal(err)
	}
	j, err := readJob(raw)
	if err != nil {
		b.Fatal(err)
	}
	if j, err = c.follow(b.Context(), j, silent{}); err != nil {
		b.Fatal(err)
	}
	if j.Status != "completed" || j.Total != rows || j.Created+j.Rejected != rows ||
		j.RejectedByReason["orphan"] != rows/100 || j.Created < rows*9/10 {
		j.raw, j.Errors = nil, nil
		b.Fatalf("job is %+v", j)
	}
	b.ReportMetric(float64(rows)/uploaded.Seconds(), "rows-uploaded/s")
	b.ReportMetric(float64(rows)/time.Since(began).Seconds(), "rows-imported/s")
}

// taskStream makes up a file as it is read: tasks for the people of the sample, every hundredth an
// orphan.
func taskStream(rows int) (io.ReadCloser, error) {
	names, err := singleNames()
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	go func() {
		buf := bufio.NewWriterSize(w, 1<<16)
		fmt.Fprintln(buf, "title,description,status,priority,task_type,due_date,assignee_id,contact_name,external_system_id")
		for i := 1; i <= rows; i++ {
			name := names[i%len(names)]
			if i%100 == 0 {
				name = ""
			}
			fmt.Fprintf(buf, "Follow up no. %d,\"Asked for the offer, and for a call "+
				"back\",open,high,call,2026-03-10,user-%d,%s,%d\n", i, i%50, name, i)
		}
		_ = buf.Flush()
		_ = w.Close()
	}()
	return r, nil
}

// singleNames are the names of the sample's contacts that only one of them bears.
func singleNames() ([]string, error) {
	file, err := taskport.Testdata.ReadFile("testdata/contacts.csv")
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	var names []string
	for i, line := range strings.Split(string(file), "\n") {
		parts := strings.Split(line, ",")
		if i == 0 || len(parts) < 2 || strings.Contains(line, `"`) {
			continue
		}
		if count[parts[1]]++; count[parts[1]] == 1 {
			names = append(names, parts[1])
		}
	}
	var once []string
	for _, n := range names {
		if count[n] == 1 {
			once = append(once, n)
		}
	}
	return once, nil
}

// startProcess runs a role until the benchmark ends; serve prints its URL.
func startProcess(b *testing.B, env []string, binary string, args ...string) (pid int, url string) {
	cmd := exec.CommandContext(context.Background(), binary, args...)
	cmd.Env, cmd.Stderr = env, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	if args[0] == "serve" {
		if url, err = bufio.NewReader(out).ReadString('\n'); err != nil {
			b.Fatal(err)
		}
	}
	return cmd.Process.Pid, strings.TrimSpace(url)
}

// peakMemory is the most resident memory that a process has had, in bytes; 0 where the system does
// not tell.
func peakMemory(b *testing.B, pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				b.Fatal(err)
			}
			return kb << 10
		}
	}
	return 0
}
