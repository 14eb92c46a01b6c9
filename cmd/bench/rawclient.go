package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// rawClient is one connection to the API over which requests go one after the other. pgbench takes
// little of the two cores that it shares with Postgres; net/http's client would take a third of
// what the API does.
type rawClient struct {
	conn net.Conn
	in   *bufio.Reader
	host string
	head string // of each request, up to the length of its body
	out  []byte
}

func dialAPI(ctx context.Context, address, key string) (*rawClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	c := &rawClient{conn: conn, in: bufio.NewReader(conn), host: u.Host}
	c.head = c.headWith(key, "")
	return c, nil
}

// headWith returns the head of a request with a key and further headers, each with its end of line.
func (c *rawClient) headWith(key, headers string) string {
	return "POST /v1/tasks HTTP/1.1\r\nHost: " + c.host + "\r\nAuthorization: Bearer " + key + "\r\n" + headers +
		"Content-Type: application/json\r\nContent-Length: "
}

// post sends a body and waits for the answer, which must be 201 or 202.
func (c *rawClient) post(body string) error {
	c.out = append(c.out[:0], c.head...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	c.out = append(append(c.out, "\r\n\r\n"...), body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	status, err := c.in.ReadString('\n')
	if err != nil {
		return err
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= len("\r\n") {
			break
		}
		if name, value, _ := strings.Cut(string(line), ":"); strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	if strings.Contains(status, " 201 ") || strings.Contains(status, " 202 ") {
		_, err := c.in.Discard(length)
		return err
	}
	text, err := io.ReadAll(io.LimitReader(c.in, int64(length)))
	return errors.Join(fmt.Errorf("POST /v1/tasks: %s: %s", strings.TrimSpace(status), text), err)
}
