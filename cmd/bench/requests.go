package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// load is what came of a run of requests.
type load struct {
	took  time.Duration
	times []time.Duration // of each request, sorted
}

func (l *load) perSecond() float64 { return float64(len(l.times)) / l.took.Seconds() }

// percentile gives the time in seconds within which so many of a hundred requests were answered.
func (l *load) percentile(p float64) float64 {
	if len(l.times) == 0 {
		return 0
	}
	return l.times[min(len(l.times)-1, int(p/100*float64(len(l.times))))].Seconds()
}

// postTasks lets clients create tasks one after the other, each over its own connection, until the time is up.
func (b *bench) postTasks(ctx context.Context, url string, during time.Duration) (*load, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: b.clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	all := make([][]time.Duration, b.clients)
	failed := make([]error, b.clients)
	var work sync.WaitGroup
	began := time.Now()
	for n := range b.clients {
		work.Go(func() {
			rng := rand.New(rand.NewPCG(b.seed, uint64(n)))
			for time.Since(began) < during {
				sent := time.Now()
				if failed[n] = b.postTask(ctx, client, url, b.data.unmistakable(rng).name); failed[n] != nil {
					return
				}
				all[n] = append(all[n], time.Since(sent))
			}
		})
	}
	work.Wait()
	l := &load{took: time.Since(began), times: slices.Concat(all...)}
	slices.Sort(l.times)
	return l, errors.Join(failed...)
}

func (b *bench) postTask(ctx context.Context, client *http.Client, url, contact string) error {
	body, err := json.Marshal(map[string]string{"title": "Follow up with " + contact, "description": "asked for the terms", "due_date": "2026-03-10", "priority": "high", "contact_name": contact})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/tasks", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+b.site.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("POST /v1/tasks: %s: %s", resp.Status, text)
	}
	return nil
}
