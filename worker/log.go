package worker

import (
	"fmt"
	"log/slog"
)

// asynqLogger passes what asynq has to say to slog.
type asynqLogger struct{ to *slog.Logger }

func (l asynqLogger) log(level func(string, ...any), args []any) {
	level("asynq", slog.String("text", fmt.Sprint(args...)))
}

func (l asynqLogger) Debug(args ...any) { l.log(l.to.Debug, args) }
func (l asynqLogger) Info(args ...any)  { l.log(l.to.Info, args) }
func (l asynqLogger) Warn(args ...any)  { l.log(l.to.Warn, args) }
func (l asynqLogger) Error(args ...any) { l.log(l.to.Error, args) }

// Fatal is an error here: only main may end the process.
func (l asynqLogger) Fatal(args ...any) { l.log(l.to.Error, args) }
