package queue

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestConnectToOneServer(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"redis://127.0.0.1:6379/2", "rediss://u:p@host", "unix:///run/redis"} {
		client, err := Connect(address)
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		if _, ok := client.(*redis.Client); !ok {
			t.Errorf("%s gives a %T", address, client)
		}
		_ = client.Close()
	}
}

func TestConnectToACluster(t *testing.T) {
	t.Parallel()
	client, err := Connect("rediss-cluster://u:p@a:1,b:2,c:3?pool_size=7")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	o := client.(*redis.ClusterClient).Options()
	if !slices.Equal(o.Addrs, []string{"a:1", "b:2", "c:3"}) || o.Username != "u" || o.Password != "p" || o.PoolSize != 7 {
		t.Errorf("options are %+v", o)
	}
	if o.TLSConfig == nil || o.TLSConfig.ServerName != "" || o.TLSConfig.InsecureSkipVerify {
		t.Errorf("TLS is %+v: each node must show its own name", o.TLSConfig)
	}
}

func TestAddressOfSentinels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ params, user, password string }{
		{"", "u", "p"},
		{"&sentinel_password=secret", "", "secret"},
		{"&sentinel_username=s&sentinel_password=secret", "s", "secret"},
	} {
		kind, plain, err := single("redis-sentinel://u:p@a:26379,b:26380/3?master=main" + c.params)
		if err != nil || kind != "sentinel" {
			t.Fatalf("%s: %v", kind, err)
		}
		o, err := sentinelOptions(plain)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(o.SentinelAddrs, []string{"a:26379", "b:26380"}) || o.MasterName != "main" || o.DB != 3 {
			t.Errorf("options are %+v", o)
		}
		if o.Username != "u" || o.Password != "p" || o.SentinelUsername != c.user || o.SentinelPassword != c.password {
			t.Errorf("%q: %q, %q and for Sentinel %q, %q", c.params, o.Username, o.Password, o.SentinelUsername,
				o.SentinelPassword)
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	for address, says := range map[string]string{
		"localhost:6379":                       "REDIS_URL is not a Redis address",
		"http://localhost":                     "REDIS_URL is not a Redis address",
		"redis-ring://localhost":               "redis-cluster://",
		"redis-sentinel://u:secret@a:1":        "master=NAME",
		"redis-sentinel://a:1?master=m&colour": "REDIS_URL is not a Redis address",
		"redis-cluster://u:secret@a:port":      "invalid port",
		"redis://u:secret@a:port":              "invalid port",
	} {
		client, err := Connect(address)
		if err == nil {
			_ = client.Close()
			t.Errorf("%s is taken", address)
			continue
		}
		if !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
