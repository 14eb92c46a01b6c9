package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"taskport/worker"
	"taskport/worker/queue"
)

// serverFlags are the flags of the commands that serve or work.
type serverFlags struct {
	services services
	roles    roles
	logLevel string
	allow    string
	proxies  string
}

const (
	defaultListen    = "127.0.0.1:8080"
	defaultRateLimit = 60_000
	maxChunkRows     = 100_000
	connsPerWorker   = 3 // a chunk's transaction, its lease, and a share of the sweeper's
	connsOfIntake    = 24
)

func (f *serverFlags) add(cmd *cobra.Command, env *environment) {
	env.stringFlag(cmd, &f.services.databaseURL, "database-url", "DATABASE_URL", "", "address of Postgres")
	env.stringFlag(cmd, &f.services.redisURL, "redis-url", "REDIS_URL", "",
		"address of Redis: redis://, rediss://, unix://, redis-sentinel://…?master=NAME or redis-cluster://")
	env.stringFlag(cmd, &f.services.queueName, "queue", "TASKPORT_QUEUE", queue.DefaultName, "name of the queue")
	env.stringFlag(cmd, &f.roles.adminListen, "admin-listen", "TASKPORT_ADMIN_LISTEN", "",
		"address for /healthz, /readyz and /metrics; empty for none")
	env.stringFlag(cmd, &f.logLevel, "log-level", "TASKPORT_LOG_LEVEL", cmp.Or(f.logLevel, "info"),
		"debug, info, warn or error")
	f.roles.bounds.add(cmd, env)
	env.stringFlag(cmd, &f.allow, "webhook-allow", "TASKPORT_WEBHOOK_ALLOW", "",
		"private networks that webhooks may be delivered to, such as 10.1.0.0/16,127.0.0.1/32; with any, webhooks need "+
			"no TLS")
}

func (f *serverFlags) addIntake(cmd *cobra.Command, env *environment) {
	env.stringFlag(cmd, &f.roles.listen, "listen", "TASKPORT_LISTEN", defaultListen, "address of the API")
	env.intFlag(cmd, &f.roles.rateLimit, "rate-limit", "TASKPORT_RATE_LIMIT", defaultRateLimit,
		"requests per minute and key")
	env.intFlag(cmd, &f.roles.chunkRows, "chunk-rows", "TASKPORT_CHUNK_ROWS", 0,
		"rows of a chunk; 0 means 5,000, and 10,000 beyond row 20,000 of a file")
	f.roles.bounds.addIntake(cmd, env)
	env.stringFlag(cmd, &f.proxies, "trusted-proxies", "TASKPORT_TRUSTED_PROXIES", "",
		"networks of proxies whose X-Forwarded-For names the client, such as 10.0.0.0/8,127.0.0.1; for limits and the log")
	env.stringFlag(cmd, &f.roles.tlsCert, "tls-cert", "TASKPORT_TLS_CERT", "",
		"certificate of the API, with its chain (PEM); read again when the file changes")
	env.stringFlag(cmd, &f.roles.tlsKey, "tls-key", "TASKPORT_TLS_KEY", "", "key of the certificate (PEM)")
}

func (f *serverFlags) addWorker(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &f.roles.concurrency, "concurrency", "TASKPORT_CONCURRENCY", worker.DefaultConcurrency,
		"chunks processed at a time")
	env.intFlag(cmd, &f.roles.attempts, "attempts", "TASKPORT_ATTEMPTS", worker.DefaultAttempts,
		"attempts of a chunk before it is parked and its import fails")
	f.roles.bounds.addWorker(cmd, env)
}

func (f *serverFlags) addEmbedded(cmd *cobra.Command, env *environment) {
	cmd.Flags().BoolVar(&f.services.install, "install", f.services.install,
		"install Postgres with the system's package manager if it is missing and DATABASE_URL is not set")
	env.stringFlag(cmd, &f.services.dataDir, "data-dir", "TASKPORT_DATA_DIR", "",
		"where an embedded Postgres keeps its data (default: the user's data directory)")
}

// validate returns an error that names the first wrong flag, and sets what the flags imply.
func (f *serverFlags) validate() error {
	if f.roles.intake && f.roles.rateLimit < 1 {
		return fmt.Errorf("--rate-limit must be at least 1, not %d", f.roles.rateLimit)
	}
	if f.roles.intake && (f.roles.chunkRows < 0 || f.roles.chunkRows > maxChunkRows) {
		return fmt.Errorf("--chunk-rows must be between 0 and %d, not %d", maxChunkRows, f.roles.chunkRows)
	}
	if f.roles.worker && f.roles.attempts < 1 {
		return fmt.Errorf("--attempts must be at least 1, not %d", f.roles.attempts)
	}
	if f.roles.worker && f.roles.concurrency < 1 {
		return fmt.Errorf("--concurrency must be at least 1, not %d", f.roles.concurrency)
	}
	if err := f.roles.bounds.validate(f.roles); err != nil {
		return err
	}
	var err error
	if f.roles.allow, err = networks("--webhook-allow", f.allow); err == nil {
		f.roles.proxies, err = networks("--trusted-proxies", f.proxies)
	}
	return err
}

// networks parses the list of networks and addresses of a flag, separated by commas.
func networks(flag, list string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range strings.Split(list, ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		p, err := netip.ParsePrefix(text)
		if a, plain := netip.ParseAddr(text); plain == nil {
			a = a.Unmap().WithZone("")
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%s takes networks like 10.1.0.0/16, not %q", flag, text)
		}
		all = append(all, p)
	}
	return all, nil
}

func (f *serverFlags) logger(env *environment) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return nil, misusef("--log-level must be debug, info, warn or error, not %q", f.logLevel)
	}
	return slog.New(slog.NewTextHandler(env.err, &slog.HandlerOptions{Level: level})), nil
}

// prepare applies the flags and returns the logger.
func (f *serverFlags) prepare(env *environment) (*slog.Logger, error) {
	if err := f.validate(); err != nil {
		return nil, misuse(err)
	}
	f.services.needRedis = true
	f.services.conns = f.roles.bounds.store(f.roles)
	f.roles.queueName, f.roles.getenv = f.services.queueName, env.getenv
	return f.logger(env)
}

// run opens the services and runs the roles until ctx ends.
func (f *serverFlags) run(ctx context.Context, env *environment, migrate bool) error {
	logger, err := f.prepare(env)
	if err != nil {
		return err
	}
	limitMemory(f.roles.worker, env.getenv)
	in, err := f.services.open(ctx, func(text string) { env.note("%s", text) })
	if err != nil {
		return err
	}
	defer func() {
		if err := in.close(); err != nil {
			logger.Warn("stop services", slog.Any("error", err))
		}
	}()
	if migrate {
		if _, err := in.store.Migrate(ctx); err != nil {
			return err
		}
	} else if err := in.store.CheckSchema(ctx); err != nil {
		return err
	}
	return f.roles.run(ctx, in, logger, func(url string) {
		if url != "" {
			_, _ = fmt.Fprintln(env.out, url) // a failed print cannot be reported
			elsewhere(env, url)
		}
	})
}

// elsewhere prints how the other commands find a server that does not listen at the default
// address.
func elsewhere(env *environment, url string) {
	addr, err := netip.ParseAddrPort(strings.TrimPrefix(url, "http://"))
	if err == nil && addr.Addr().IsLoopback() && addr.String() != defaultListen {
		env.note("for the other commands: export TASKPORT_SERVER=%s", url)
	}
}

func newServeCommand(env *environment) *cobra.Command {
	f := &serverFlags{roles: roles{intake: true}}
	cmd := &cobra.Command{Use: "serve", Short: "Run the API and the console; any number of processes",
		Example: "  taskport serve --listen 0.0.0.0:8080 --admin-listen 127.0.0.1:9090",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env, false) }}
	f.add(cmd, env)
	f.addIntake(cmd, env)
	return cmd
}

func newWorkCommand(env *environment) *cobra.Command {
	f := &serverFlags{roles: roles{worker: true}}
	cmd := &cobra.Command{Use: "work", Short: "Run a worker; any number of processes",
		Example: "  taskport work --concurrency 4", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env, false) }}
	f.add(cmd, env)
	f.addWorker(cmd, env)
	return cmd
}

func newUpCommand(env *environment) *cobra.Command {
	f := &serverFlags{roles: roles{intake: true, worker: true}, services: services{embedded: true}}
	cmd := &cobra.Command{Use: "up",
		Short:   "Run API, console and worker in one process, with embedded services if none are set",
		Example: "  taskport up\n  taskport up --listen 127.0.0.1:9000 --data-dir /var/lib/taskport",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env, true) }}
	f.add(cmd, env)
	f.addIntake(cmd, env)
	f.addWorker(cmd, env)
	f.addEmbedded(cmd, env)
	return cmd
}
