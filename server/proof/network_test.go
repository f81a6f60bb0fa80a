package proof_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
)

// network stands between a replica and its database, and does to the connections what networks do.
type network struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

// newNetwork gives a network before a server of PostgreSQL, and the URL of a database through it.
func newNetwork(t *testing.T, cluster *pgtest.Cluster, database string) (*network, string) {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", cluster.Port)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "network", "127.0.0.1:0", address)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return &network{t, proxy}, strings.Replace(database, address, proxy.Listen, 1)
}

// trouble makes one of its kinds of trouble until it is ended. Each is as likely on the way to the database as back, so that
// some commits are lost with all that they should have done, and of others only the answer.
func (n *network) trouble(kind string) (end func()) {
	n.t.Helper()
	attributes := map[string]string{
		"reset_peer": fmt.Sprintf(`{"timeout": %d}`, rand.N(20)),                             // a reset, at once or a little later
		"limit_data": fmt.Sprintf(`{"bytes": %d}`, 1+rand.N(20_000)),                         // an end in the middle of a message
		"timeout":    fmt.Sprintf(`{"timeout": %d}`, 1+rand.N(100)),                          // silence, then an end
		"latency":    fmt.Sprintf(`{"latency": %d, "jitter": %[1]d}`, 1+rand.N(20)),          // delay
		"slicer":     fmt.Sprintf(`{"average_size": %d, "size_variation": 1}`, 2+rand.N(30)), // messages in small pieces
	}[kind]
	stream := []string{"upstream", "downstream"}[rand.N(2)]
	_, err := n.proxy.Toxics.AddToxicJson(strings.NewReader(
		fmt.Sprintf(`{"name": "trouble", "type": %q, "stream": %q, "attributes": %s}`, kind, stream, attributes)))
	if err != nil {
		n.t.Fatal(err)
	}
	return func() {
		if err := n.proxy.Toxics.RemoveToxic(context.Background(), "trouble"); err != nil {
			n.t.Fatal(err)
		}
	}
}

// Whatever the network between the replicas and their database does, nothing that was acknowledged is lost, nothing is there
// twice, and the replicas go on by themselves.
func TestNetwork(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	database := cluster.Database(t)
	var stores []string
	var networks []*network
	for range 3 {
		n, store := newNetwork(t, cluster, database)
		networks, stores = append(networks, n), append(stores, store)
	}
	servers := replicas(t, stores...)
	l := newLoad(t, at(servers))
	l.requestIDs = true
	end := l.background(t)
	kinds := []string{"reset_peer", "limit_data", "timeout", "latency", "slicer"}
	round := 0
	l.rounds(t, len(kinds), 4*len(kinds), func() {
		kind := kinds[round%len(kinds)]
		round++
		before := l.unknown.Load()
		end := networks[rand.N(len(networks))].trouble(kind)
		l.wait(t, 50)
		if kind != "latency" && kind != "slicer" {
			eventually(t, "a request is hit by "+kind, func() bool { return l.unknown.Load() > before })
		}
		end()
		l.wait(t, 50)
	})
	end()
	l.requireSound(t)
	requireStopped(t, servers)
	l.requireNoCartTwice(t, "pgx", database)
}
