package testservices

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"taskport/internal/embedded"
)

// groupTimeout is the longest time for the members of a group to find each other.
const groupTimeout = 30 * time.Second

// groupTries is how often a group is started, each time on other ports: another program may take a
// free port before the group listens on it.
const groupTries = 5

// onFreePorts starts a group on free ports. It repeats a failed try on other ports; servers of a
// failed try end with the test.
func onFreePorts[T any](t testing.TB, n int, begin func(ports []string) (T, error)) T {
	t.Helper()
	for try := 1; ; try++ {
		group, err := begin(freePorts(t, n))
		if err == nil {
			return group
		}
		if try == groupTries {
			t.Fatal(err)
		}
		t.Logf("begun again on other ports: %v", err)
	}
}

// RedisCluster starts a Redis Cluster of three nodes on the loopback address, for this test only,
// and returns its address.
func RedisCluster(t testing.TB) string {
	t.Helper()
	const nodes = 3
	ports := onFreePorts(t, 2*nodes, func(ports []string) ([]string, error) {
		for i := range nodes {
			if _, err := startRedis(t, embedded.RedisOptions{Args: []string{"--bind", "127.0.0.1", "--port", ports[2*i],
				"--cluster-enabled", "yes", "--cluster-port", ports[2*i+1], "--cluster-node-timeout", "2000"}}); err != nil {
				return nil, err
			}
		}
		return ports, nil
	})
	join(t, ports, nodes)
	return "redis-cluster://127.0.0.1:" + ports[0] + ",127.0.0.1:" + ports[2]
}

// join makes the nodes a cluster; ports has the port of each node and of its bus.
func join(t testing.TB, ports []string, nodes int) {
	t.Helper()
	const slots = 16384
	clients := make([]*redis.Client, nodes)
	for i := range clients {
		port, bus := ports[2*i], ports[2*i+1]
		clients[i] = client(t, port)
		if err := clients[i].ClusterAddSlotsRange(t.Context(), i*slots/nodes, (i+1)*slots/nodes-1).Err(); err != nil {
			t.Fatal(err)
		}
		// The method of the client lacks the port of the bus.
		if err := clients[0].Do(t.Context(), "CLUSTER", "MEET", "127.0.0.1", port, bus).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range clients {
		await(t, func(ctx context.Context) error { return clusterReady(ctx, c, nodes) })
	}
}

func clusterReady(ctx context.Context, c *redis.Client, nodes int) error {
	info, err := c.ClusterInfo(ctx).Result()
	if err != nil {
		return err
	}
	if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:"+strconv.Itoa(nodes)) {
		return nil
	}
	return errors.New(info)
}

// Sentinels are a master, a replica, and three Sentinels that monitor them.
type Sentinels struct {
	URL    string
	master *embedded.RedisServer
}

// CrashMaster kills the master; the replica replaces it some seconds later.
func (s *Sentinels) CrashMaster(t testing.TB) {
	t.Helper()
	if err := s.master.Crash(); err != nil {
		t.Fatal(err)
	}
}

// sentinels is the number of Sentinels of a master.
const sentinels = 3

// RedisSentinels starts a Redis with a replica and Sentinels on the loopback address, for this test
// only.
func RedisSentinels(t testing.TB) *Sentinels {
	t.Helper()
	return onFreePorts(t, 2+sentinels, func(ports []string) (*Sentinels, error) { return startSentinels(t, ports) })
}

func startSentinels(t testing.TB, ports []string) (*Sentinels, error) {
	t.Helper()
	master, replica := ports[0], ports[1]
	local := []string{"--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0"}
	server, err := startRedis(t, embedded.RedisOptions{Args: append([]string{"--port", master}, local...)})
	if err != nil {
		return nil, err
	}
	if _, err := startRedis(t, embedded.RedisOptions{Args: append([]string{"--port", replica, "--replicaof",
		"127.0.0.1 " + master}, local...)}); err != nil {
		return nil, err
	}
	await(t, func(ctx context.Context) error {
		info, err := client(t, replica).Info(ctx, "replication").Result()
		if err == nil && !strings.Contains(info, "master_link_status:up") {
			err = errors.New(info)
		}
		return err
	})
	hosts := make([]string, 0, sentinels)
	for _, port := range ports[2:] {
		config := filepath.Join(t.TempDir(), "sentinel.conf")
		text := fmt.Sprintf("sentinel monitor main 127.0.0.1 %s 2\nsentinel down-after-milliseconds main 1000\nsentinel "+
			"failover-timeout main 5000\n", master)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return nil, err
		}
		if _, err := startRedis(t, embedded.RedisOptions{Config: config, Args: []string{"--sentinel", "--bind",
			"127.0.0.1", "--port", port}}); err != nil {
			return nil, err
		}
		hosts = append(hosts, "127.0.0.1:"+port)
	}
	for _, port := range ports[2:] {
		await(t, func(ctx context.Context) error { return sentinelReady(ctx, client(t, port), sentinels) })
	}
	return &Sentinels{URL: "redis-sentinel://" + strings.Join(hosts, ",") + "?master=main", master: server}, nil
}

// sentinelReady returns nil if a Sentinel has found the replica and the other Sentinels.
func sentinelReady(ctx context.Context, c *redis.Client, sentinels int) error {
	var m map[string]string
	reply, err := c.Do(ctx, "SENTINEL", "MASTER", "main").Result()
	if err != nil {
		return err
	}
	m = map[string]string{}
	switch reply := reply.(type) {
	case map[any]any:
		for k, v := range reply {
			m[fmt.Sprint(k)] = fmt.Sprint(v)
		}
	case []any:
		for i := 0; i+1 < len(reply); i += 2 {
			m[fmt.Sprint(reply[i])] = fmt.Sprint(reply[i+1])
		}
	}
	if m["num-slaves"] != "1" || m["num-other-sentinels"] != strconv.Itoa(sentinels-1) {
		return fmt.Errorf("it knows %s replicas and %s other Sentinels", m["num-slaves"], m["num-other-sentinels"])
	}
	return nil
}

// startRedis runs a server until the test ends or kills it.
func startRedis(t testing.TB, o embedded.RedisOptions) (*embedded.RedisServer, error) {
	t.Helper()
	o.Note = note
	server, err := embedded.StartRedisServerWith(context.Background(), o)
	if server != nil {
		t.Cleanup(func() {
			if stopping := server.Stop(); stopping != nil && err == nil {
				t.Error(stopping)
			}
		})
	}
	return server, err
}

func client(t testing.TB, port string) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// freePorts returns ports that were free a moment ago.
func freePorts(t testing.TB, n int) []string {
	t.Helper()
	ports := make([]string, n)
	for i := range ports {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all at the end, so that no port is returned twice
		_, ports[i], _ = net.SplitHostPort(l.Addr().String())
	}
	return ports
}

func await(t testing.TB, ready func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), groupTimeout)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not ready: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
