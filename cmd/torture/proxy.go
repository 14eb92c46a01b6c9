package main

import (
	"net"
	"os"
	"sync"
	"time"
)

// proxy connects taskport with a server, socket to socket, and can fail as a network does. It is
// our own because the private servers listen only on a socket in a closed directory.
type proxy struct {
	from, to string
	listener net.Listener

	mu      sync.Mutex
	links   map[*link]bool
	refuse  bool
	delay   time.Duration
	still   chan struct{} // not nil: nothing passes until it is closed
	serving sync.WaitGroup
}

// link is a connection through the proxy.
type link struct {
	client, server net.Conn
	half           bool
}

func (l *link) close() {
	_ = l.client.Close()
	_ = l.server.Close()
}

func newProxy(from, to string) (*proxy, error) {
	p := &proxy{from: from, to: to, links: map[*link]bool{}}
	if err := os.RemoveAll(from); err != nil {
		return nil, err
	}
	var err error
	if p.listener, err = net.Listen("unix", from); err != nil { //nolint:noctx // it listens for the whole run
		return nil, err
	}
	p.serving.Go(p.accept)
	return p, nil
}

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.refuse
		p.mu.Unlock()
		if refuse {
			_ = c.Close()
			continue
		}
		p.serving.Go(func() { p.serve(c) })
	}
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("unix", p.to) //nolint:noctx // a socket answers at once
	if err != nil {
		_ = client.Close()
		return
	}
	l := &link{client: client, server: server}
	p.mu.Lock()
	p.links[l] = true
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.pass(l, client, server) })
	both.Go(func() { p.pass(l, server, client) })
	both.Wait()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// pass hands on what comes until the connection ends, and ends both directions then.
func (p *proxy) pass(l *link, from, to net.Conn) {
	defer l.close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			left, last := p.suffer(l, n)
			if _, err := to.Write(buf[:left]); err != nil || last {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// suffer does to a message what is to be done, and returns how much of it is left and whether the
// connection ends with it. Both are decided at once: a link that is halved after its message has
// passed is to be cut in the next one, not between the two.
func (p *proxy) suffer(l *link, n int) (left int, last bool) {
	p.mu.Lock()
	still, delay := p.still, p.delay
	if last = l.half; last {
		n /= 2
	}
	p.mu.Unlock()
	if still != nil {
		<-still
	}
	if delay > 0 {
		time.Sleep(delay)
	}
	return n, last
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.close()
	}
}

// halve ends each connection in the middle of its next message.
func (p *proxy) halve() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.half = true
	}
}

func (p *proxy) setRefuse(on bool) {
	p.mu.Lock()
	p.refuse = on
	p.mu.Unlock()
	if on {
		p.cut()
	}
}

func (p *proxy) setDelay(d time.Duration) {
	p.mu.Lock()
	p.delay = d
	p.mu.Unlock()
}

// hold lets nothing pass until release is called.
func (p *proxy) hold() (release func()) {
	still := make(chan struct{})
	p.mu.Lock()
	p.still = still
	p.mu.Unlock()
	return func() {
		p.mu.Lock()
		p.still = nil
		p.mu.Unlock()
		close(still)
	}
}

func (p *proxy) stop() {
	_ = p.listener.Close()
	p.cut()
	p.serving.Wait()
}
