package worker

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
)

// lyingNames returns a resolver whose server answers each question for an IPv4 address with the
// next of the addresses, and with the last from then on.
func lyingNames(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	var asked atomic.Int64
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			at := min(int(asked.Load()), len(addresses)-1)
			answer, counts := dnsAnswer(buf[:n], netip.MustParseAddr(addresses[at]))
			if counts {
				asked.Add(1)
			}
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// dnsAnswer answers a question (RFC 1035, section 4) for an address of IPv4; to any other it says
// that there is none.
func dnsAnswer(question []byte, address netip.Addr) (answer []byte, counts bool) {
	const header, typeA = 12, 1
	end := header
	for question[end] != 0 {
		end += int(question[end]) + 1
	}
	end += 5 // the root, type and class
	kind := binary.BigEndian.Uint16(question[end-4:])
	answer = append([]byte{}, question[:end]...)
	answer[2], answer[3] = 0x81, 0x80 // an answer, recursion available
	binary.BigEndian.PutUint16(answer[6:], 0)
	binary.BigEndian.PutUint16(answer[10:], 0) // no additional records
	if kind != typeA {
		return answer, false
	}
	binary.BigEndian.PutUint16(answer[6:], 1)
	answer = append(answer, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4)
	ip := address.As4()
	return append(answer, ip[:]...), true
}
