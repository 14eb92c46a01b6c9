package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// sendAgain asks, where a file was refused because it was imported before, whether it is to be sent all the same. Where nobody can be asked it says how to do it, and that is a no.
func (f *uploadFlags) sendAgain(env *environment, err error) bool {
	var refused *apiFailure
	if f.again || !errors.As(err, &refused) || refused.JobID == "" {
		return false
	}
	if env.in == nil || !env.inIsTerminal || !env.terminal || f.asJSON {
		env.note("this file was imported before; to import it again nevertheless, add --again")
		return false
	}
	fmt.Fprintf(env.err, "%s\nImport it again? [y/N] ", oneLine(refused.Message))
	answer, err := bufio.NewReader(io.LimitReader(env.in, 1<<10)).ReadString('\n')
	if err != nil && answer == "" {
		return false
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}
