//go:build torture

package failpoint

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

// Reached is a line of JSON that is sent to the harness. The answer is a line too: "go", "panic",
// or "error" and an SQLSTATE.
type Reached struct {
	PID    int       `json:"pid"`
	Step   Name      `json:"step"`
	Import uuid.UUID `json:"import"`
	Chunk  int       `json:"chunk"`
}

var socket = os.Getenv("TASKPORT_TORTURE")

// At reports to the harness that a failpoint is reached and does as it answers. Without a harness
// it returns nil.
func At(ctx context.Context, name Name, id uuid.UUID, chunk int) error {
	if socket == "" {
		return nil
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if err := json.NewEncoder(c).Encode(Reached{os.Getpid(), name, id, chunk}); err != nil {
		return nil
	}
	answer, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return nil
	}
	what, state, _ := strings.Cut(strings.TrimSpace(answer), " ")
	switch what {
	case "panic":
		panic(fmt.Sprintf("%s was told to panic", name))
	case "error":
		return &pgconn.PgError{Severity: "ERROR", Code: state, Message: "injected at " + string(name)}
	}
	return nil
}
