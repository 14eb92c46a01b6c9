package testservices

import (
	"net"
	"testing"

	"taskport/internal/embedded"
)

// A port that another program takes before the group listens on it costs a try, but does not fail
// the test.
func TestTakenPortIsPassedOver(t *testing.T) {
	t.Parallel()
	tries := 0
	port := onFreePorts(t, 1, func(ports []string) (string, error) {
		if tries++; tries == 1 {
			l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:"+ports[0])
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
		}
		_, err := startRedis(t, embedded.RedisOptions{Args: []string{"--bind", "127.0.0.1", "--port", ports[0]}})
		return ports[0], err
	})
	if err := client(t, port).Ping(t.Context()).Err(); err != nil || tries != 2 {
		t.Errorf("%d tries, %v", tries, err)
	}
}
