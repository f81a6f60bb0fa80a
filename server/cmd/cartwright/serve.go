package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
	"github.com/cartwright-dev/cartwright/server/store/postgres"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
)

// config is what can be set by flags and by the environment (CARTWRIGHT_ADDR and so on).
type config struct {
	Addr           string `default:"127.0.0.1:8080" help:"Where to listen, host:port. Port 0 picks a free one."`
	URLFile        string `name:"url-file" placeholder:"PATH" help:"Write the base URL to this file once the stub serves."`
	Store          string `default:"sqlite:cartwright.db" help:"Where to keep carts and orders: sqlite:PATH, memory, or a PostgreSQL database that several stubs may share: postgres://USER:PASSWORD@HOST/DATABASE. In the environment its password is seen by nobody else."`
	tlsFlags       `embed:""`
	Auth           string        `default:"any" enum:"any,off,basic" help:"any: every bearer token passes that is not empty. off: none is needed. basic: as Partner Center, a JWT with the right issuer, audience, times and kind; its signature is not checked."`
	Spelling       string        `default:"tolerant" enum:"tolerant,strict" help:"tolerant: read property names, enum and path words in any case, and comments. strict: only the contract's own spelling."`
	Repeat         string        `default:"repeat" enum:"repeat,reject" help:"What a second checkout of a cart answers. repeat: the first answer again. reject: 400 / 800065."`
	ProvisionDelay time.Duration `default:"5s" help:"How long an order takes to be provisioned; 0 provisions at once."`
	ListDelay      time.Duration `default:"0s" help:"How old an order must be before the list of orders has it. Partner Center's list is up to 15m late."`
	Catalog        []string      `placeholder:"FILE" help:"What else can be bought: a catalogue (.yaml, .json) or a price list of Partner Center (.csv). Repeat it for several; the later file wins."`
	BuiltinCatalog bool          `default:"true" negatable:"" help:"Sell what the documents name, and items that fail or wait on purpose."`
	Customers      string        `placeholder:"FILE" help:"The only customers there are (.yaml or .json). Without it every GUID is a customer."`
	Environment    string        `default:"production" enum:"production,sandbox" help:"sandbox: 75 customers, 5 subscriptions a customer, 25 licences a subscription, and more can be cancelled."`
	Rules          string        `default:"lenient" enum:"lenient,strict" help:"strict: also the rules that the documents' own examples break: attestation, custom term end dates, resellers by market."`
	Partner        string        `default:"indirect_provider" enum:"indirect_provider,direct_bill" help:"direct_bill: a line with participants can't be bought."`
	Control        string        `default:"on" placeholder:"on|off|ADDR" help:"Test control and the console, below /_cartwright: on, beside the API; off; or at an address of its own, host:port."`
	ClockAt        *time.Time    `name:"clock" placeholder:"INSTANT" help:"What the stub's clock shows at first, such as 2026-01-01T00:00:00Z. A store whose clock was set before keeps its own."`
	IDs            string        `name:"ids" default:"random" enum:"random,sequential" help:"sequential: the same ids in each run that begins with an empty store, or with the same import."`
	Import         string        `placeholder:"FILE" help:"Begin with a state that was exported, instead of what the store has."`
	Export         string        `placeholder:"FILE" help:"Export the state to this file when the stub stops."`
	Metrics        bool          `help:"Count requests for Prometheus, at /_cartwright/metrics of test control."`
	CheckAnswers   bool          `help:"Hold each answer to the contract too, and log one that is not as the contract has it as an error."`
	MaxInFlight    int           `default:"1024" help:"How many requests are served at once; one more is answered 429."`
	Throttle       string        `placeholder:"N/min" help:"How many requests of a customer are served in a minute, such as 500/min; one more is answered 429."`
	DrainDelay     time.Duration `default:"0s" help:"How long to serve on after a signal to stop, with /readyz at 503, so that a load balancer notices first."`
	Examples       bool          `default:"true" negatable:"" help:"Keep the carts that the documents' examples name, so that these can be pasted as printed."`
	CPUProfile     string        `name:"cpu-profile" hidden:"" placeholder:"FILE" help:"Write where processor time goes while the stub serves, for go tool pprof."`
	Log            string        `default:"auto" enum:"auto,text,json" help:"The form of the log. auto: one coloured line a request on a terminal, else JSON. text: that line, without colour."`
}

// The limits of the HTTP server. Writing has a minute, which is for long lists of orders.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 64 << 10
	drainTimeout      = 10 * time.Second
)

// Run serves until ctx ends; then it lets the requests under way finish and closes the store.
func (c *config) Run(ctx context.Context, o output) (err error) {
	log := newLogger(c.Log, o.stderr)
	if err := c.check(); err != nil {
		return err
	}
	documents, err := openStore(ctx, c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, documents.Close()) }()
	var counts *metrics
	if c.Metrics {
		counts = newMetrics(documents)
		log = slog.New(countRequests{log.Handler(), counts})
	}

	options, err := c.options(documents, log, o.stderr)
	if err != nil {
		return err
	}
	handler, err := server.New(options)
	if err != nil {
		return err
	}
	if err := c.begin(ctx, handler, documents); err != nil {
		return err
	}
	if c.Examples {
		if err := handler.AddExamples(ctx); err != nil {
			return fmt.Errorf("add the documents' example carts: %w", err)
		}
	}
	listening, err := c.listen(ctx, handler, counts)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(o.stdout, c.banner(listening)); err != nil {
		return errors.Join(err, listening.close())
	}
	if err := writeURL(c.URLFile, listening.url()); err != nil {
		return errors.Join(err, listening.close())
	}

	err = c.profiled(func() error { return c.serveUntil(ctx, handler, listening, log) })
	if c.Export != "" {
		err = errors.Join(err, exportState(context.WithoutCancel(ctx), handler, c.Export))
	}
	return err
}

// profiled notes where processor time goes while something is done, if that is wanted.
func (c *config) profiled(do func() error) error {
	if c.CPUProfile == "" {
		return do()
	}
	f, err := os.Create(c.CPUProfile)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(err, f.Close())
	}
	err = do()
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}

// check refuses settings that would fail only later, or do nothing.
func (c *config) check() error {
	if err := c.tlsFlags.check(); err != nil {
		return err
	}
	if at := c.ClockAt; at != nil && (at.Year() < 1900 || at.Year() > 2199) { // a time.Duration leads 292 years away
		return fmt.Errorf("--clock %s: the year is not from 1900 to 2199", at.Format(time.RFC3339))
	}
	if c.Metrics && c.Control == "off" {
		return errors.New("--metrics needs test control, which --control off takes away")
	}
	if c.Export == "" {
		return nil
	}
	if info, err := os.Stat(c.Export); err == nil && info.IsDir() {
		return fmt.Errorf("--export %s: it is a folder", c.Export)
	}
	f, err := os.CreateTemp(filepath.Dir(c.Export), ".cartwright-*")
	if err != nil {
		return fmt.Errorf("--export: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// begin brings the store into the state in which the stub is to begin.
func (c *config) begin(ctx context.Context, handler *server.Server, documents store.Store) error {
	if c.ClockAt != nil {
		if err := handler.BeginClock(ctx, *c.ClockAt); err != nil {
			return fmt.Errorf("set the clock: %w", err)
		}
	}
	if err := importState(ctx, handler, c.Import); err != nil {
		return err
	}
	if c.IDs == "sequential" {
		return refuseSequential(ctx, documents)
	}
	return nil
}

// refuseSequential refuses a store that has ids of an earlier run, which this one would draw again.
func refuseSequential(ctx context.Context, documents store.Store) error {
	for _, kind := range []store.Kind{store.Cart, store.Order} {
		for d, err := range documents.All(ctx, kind, "") {
			if err != nil {
				return err
			}
			if server.IsSequential(d.ID) {
				return fmt.Errorf("--ids sequential would draw ids again: there is %s %s of an earlier run. Begin with an empty store, such as memory", d.Kind, d.ID)
			}
		}
	}
	return nil
}

// importState begins with the state of a file, where one is named.
func importState(ctx context.Context, handler *server.Server, path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if err := errors.Join(handler.ReadState(ctx, f), f.Close()); err != nil {
		return fmt.Errorf("import %s: %w", path, err)
	}
	return nil
}

// exportState writes the state to a file, whole or not at all.
func exportState(ctx context.Context, handler *server.Server, path string) error {
	return writeWhole(path, "export the state", func(w io.Writer) error { return handler.WriteState(ctx, w) })
}

// newHTTPServer puts time limits around the handler, so that slow clients don't hold connections for ever.
func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serveUntil serves until ctx ends, and then drains: readiness goes off, later the listener, and requests under way are
// finished.
func (c *config) serveUntil(ctx context.Context, handler *server.Server, l *listening, log *slog.Logger) error {
	s := newHTTPServer(l.handler, log)
	failed := make(chan error, 2)
	go func() { failed <- s.Serve(l.listener) }()
	if l.apart != nil {
		control := newHTTPServer(l.control, log)
		defer func() { _ = control.Close() }()
		go func() { failed <- control.Serve(l.apart) }()
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping: requests under way are finished first")
	handler.Drain()
	select {
	case err := <-failed:
		return err
	case <-time.After(c.DrainDelay): // for a load balancer
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := s.Shutdown(drain); err != nil {
		return errors.Join(fmt.Errorf("requests were still under way after %v: %w", drainTimeout, err), s.Close())
	}
	return nil
}

// options reads the files that are named, and gives how the server is to behave.
func (c *config) options(documents store.Store, log *slog.Logger, stderr io.Writer) (server.Options, error) {
	sold, err := catalog.Load(catalog.Options{Files: c.Catalog, Builtin: c.BuiltinCatalog, Progress: progress(stderr)})
	if err != nil {
		return server.Options{}, fmt.Errorf("read the catalogue: %w", err)
	}
	customers, err := readCustomers(c.Customers)
	if err != nil {
		return server.Options{}, fmt.Errorf("read the customers: %w", err)
	}
	if c.MaxInFlight < 1 {
		return server.Options{}, fmt.Errorf("--max-in-flight %d: it must be at least 1", c.MaxInFlight)
	}
	if c.DrainDelay < 0 {
		return server.Options{}, fmt.Errorf("--drain-delay %v is negative", c.DrainDelay)
	}
	delay := c.ProvisionDelay
	if delay == 0 {
		delay = server.ProvisionAtOnce
	}
	throttle, err := perMinute(c.Throttle)
	if err != nil {
		return server.Options{}, err
	}
	var ids commerce.IDs // by default random ones
	if c.IDs == "sequential" {
		ids = server.SequentialIDs()
	}
	var invalidAnswer func(error) // by default nobody looks
	if c.CheckAnswers {
		invalidAnswer = func(err error) { log.Error("an answer is not as the contract has it", "error", err) }
	}
	return server.Options{
		Store:          documents,
		InvalidAnswer:  invalidAnswer,
		Control:        c.Control != "off",
		IDs:            ids,
		Throttle:       throttle,
		Auth:           server.Auth(c.Auth),
		Spelling:       server.Spelling(c.Spelling),
		Repeat:         server.Repeat(c.Repeat),
		ProvisionDelay: delay,
		ListDelay:      c.ListDelay,
		Catalog:        sold,
		Customers:      customers,
		Environment:    server.Environment(c.Environment),
		Rules:          server.Rules(c.Rules),
		Partner:        server.Partner(c.Partner),
		MaxInFlight:    c.MaxInFlight,
		Logger:         log,
	}, nil
}

// perMinute reads a limit such as 500/min; none where the word is empty.
func perMinute(word string) (int, error) {
	if word == "" {
		return 0, nil
	}
	number, found := strings.CutSuffix(word, "/min")
	n, err := strconv.Atoi(number)
	if !found || err != nil || n < 1 {
		return 0, fmt.Errorf("--throttle %q is no limit such as 500/min", word)
	}
	return n, nil
}

// openStore opens the store that a word like sqlite:PATH names.
func openStore(ctx context.Context, name string) (store.Store, error) {
	engine, path, _ := strings.Cut(name, ":")
	switch {
	case name == "memory":
		return memory.New(), nil
	case engine == "sqlite" && (strings.HasPrefix(path, "//") || strings.HasPrefix(path, "file:")):
		return nil, fmt.Errorf("--store %q: after sqlite: comes the path of a file, no URL", name)
	case engine == "sqlite" && path != "":
		return sqlite.Open(ctx, path)
	case isPostgres(name):
		return postgres.Open(ctx, name)
	}
	begin := name[:strings.IndexAny(name+":", ":=@/ ")] // what follows may have a password
	return nil, fmt.Errorf("--store %q… is none of sqlite:PATH, memory and postgres://…", begin)
}

func isPostgres(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// shownStore gives the name of a store that was opened as it may be printed: without a password.
func shownStore(name string) string {
	if isPostgres(name) {
		return postgres.WithoutSecrets(name)
	}
	return name
}

// baseURL gives a URL by which this machine reaches an address that is listened on.
func baseURL(scheme string, addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("%s://127.0.0.1:%d", scheme, tcp.Port)
	}
	return scheme + "://" + addr.String()
}

// writeURL writes the base URL to a file: whoever waits for the file never reads half of it.
func writeURL(path, url string) error {
	if path == "" {
		return nil
	}
	return writeWhole(path, "write the URL file", func(w io.Writer) error {
		_, err := io.WriteString(w, url+"\n")
		return err
	})
}

// writeWhole writes a file, whole or not at all.
func writeWhole(path, doing string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".cartwright-*")
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	err = write(f)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", doing, err), os.Remove(f.Name()))
	}
	return nil
}
