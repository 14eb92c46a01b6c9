package queue

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// redisTimeout bounds a connection to Redis and a ping.
const redisTimeout = time.Second

// Connect returns a client for the address of a Redis; it does not connect yet. The address of one
// server, of a master that Sentinels monitor, and of some nodes of a Cluster:
//
//	redis://user:password@host:6379/0
//	redis-sentinel://user:password@host:26379,host:26379/0?master=NAME
//	redis-cluster://user:password@host:6379,host:6379
//
// rediss://, rediss-sentinel:// and rediss-cluster:// use TLS; unix:// names a socket. The options
// of go-redis (pool_size, read_timeout and so on) may follow as parameters. Sentinels are asked
// with the same user and password, unless sentinel_username and sentinel_password name others. An
// error does not contain the password.
func Connect(address string) (redis.UniversalClient, error) {
	client, err := connect(address)
	if unreadable := new(url.Error); errors.As(err, &unreadable) {
		err = unreadable.Err // the rest of it contains the password
	}
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL is not a Redis address: %w", err)
	}
	return client, nil
}

func connect(address string) (redis.UniversalClient, error) {
	kind, plain, err := single(address)
	if err != nil {
		return nil, err
	}
	notices := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	// A waiting client should learn soon that Redis is unavailable: hence a single retry.
	switch kind {
	case "cluster":
		o, err := redis.ParseClusterURL(plain)
		if err != nil {
			return nil, err
		}
		o.ContextTimeoutEnabled, o.DialTimeout, o.DialerRetries, o.MaxRetries = true, redisTimeout, 1, 1
		o.MaintNotificationsConfig = notices
		eachItsName(o.TLSConfig)
		return redis.NewClusterClient(o), nil
	case "sentinel":
		o, err := sentinelOptions(plain)
		if err != nil {
			return nil, err
		}
		o.ContextTimeoutEnabled, o.DialTimeout, o.DialerRetries, o.MaxRetries = true, redisTimeout, 1, 1
		eachItsName(o.TLSConfig)
		return redis.NewFailoverClient(o), nil
	default:
		o, err := redis.ParseURL(plain)
		if err != nil {
			return nil, err
		}
		o.ContextTimeoutEnabled, o.DialTimeout, o.DialerRetries, o.MaxRetries = true, redisTimeout, 1, 1
		o.MaintNotificationsConfig = notices
		return redis.NewClient(o), nil
	}
}

// eachItsName lets each of several hosts present a certificate of its own name; go-redis expects
// the name of the first from all of them.
func eachItsName(c *tls.Config) {
	if c != nil {
		c.ServerName = ""
	}
}

// single turns an address with several hosts into one of the first host, with the others as
// parameters, as go-redis expects. It returns the kind of Redis too: sentinel, cluster or "".
func single(address string) (kind, plain string, err error) {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		return "", address, nil
	}
	scheme, kind, _ = strings.Cut(scheme, "-")
	if kind == "" {
		return "", address, nil
	}
	if scheme != "redis" && scheme != "rediss" || kind != "sentinel" && kind != "cluster" {
		return "", "", errors.New("it must begin with redis://, rediss://, unix://, redis-sentinel://, " +
			"rediss-sentinel://, redis-cluster:// or rediss-cluster://")
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	at := strings.LastIndexByte(authority, '@') + 1
	hosts := strings.Split(authority[at:], ",")
	u, err := url.Parse(scheme + "://" + authority[:at] + hosts[0] + tail)
	if err != nil {
		return "", "", err
	}
	q := u.Query()
	for _, host := range hosts[1:] {
		q.Add("addr", host)
	}
	u.RawQuery = q.Encode()
	return kind, u.String(), nil
}

// sentinelOptions parses the address of Sentinels. go-redis uses its user and password only for the
// Sentinels; ours are for the master too.
func sentinelOptions(plain string) (*redis.FailoverOptions, error) {
	u, err := url.Parse(plain)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	take := func(name string) string { v := q.Get(name); q.Del(name); return v }
	master, user, password := take("master"), take("sentinel_username"), take("sentinel_password")
	if master == "" {
		return nil, errors.New("the address of Sentinels must name the master: …?master=NAME")
	}
	u.RawQuery = q.Encode()
	o, err := redis.ParseFailoverURL(u.String())
	if err != nil {
		return nil, err
	}
	o.MasterName, o.Username, o.Password = master, o.SentinelUsername, o.SentinelPassword
	if user != "" || password != "" {
		o.SentinelUsername, o.SentinelPassword = user, password
	}
	return o, nil
}
