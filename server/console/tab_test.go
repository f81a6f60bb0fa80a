package console_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/cartwright-dev/cartwright/server/internal/lacking"
)

// browser is the one that all tests open tabs in; nil where there is none.
var browser context.Context

func TestMain(m *testing.M) {
	os.Exit(func() int {
		path := findBrowser()
		if path == "" {
			return m.Run()
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path), chromedp.NoSandbox, // root has no other way, and it shows nothing but the stub
			chromedp.WindowSize(1440, 900),
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), // nothing else is to be had
		)
		allocated, cancel := chromedp.NewExecAllocator(context.Background(), options...)
		defer cancel()
		started, end := chromedp.NewContext(allocated)
		defer end()
		if err := chromedp.Do(started); err != nil {
			fmt.Fprintln(os.Stderr, "start the browser:", err)
			return 1
		}
		browser = started
		return m.Run()
	}())
}

func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is a tab of the browser. It holds each page to this: nothing is asked of another server, and nothing is complained of.
type tab struct {
	t      *testing.T
	ctx    context.Context
	origin string

	mu    sync.Mutex
	wrong []string
}

// open opens a page of the stub in a tab of its own.
func (s *stub) open(path string) *tab {
	s.t.Helper()
	if browser == nil {
		lacking.Skip(s.t, "there is no Chromium on the PATH")
	}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	s.t.Cleanup(cancel)
	b := &tab{t: s.t, ctx: ctx, origin: s.url}
	s.t.Cleanup(b.mustBeClean)
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		s.t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	b.do(chromedp.Navigate(s.url + path))
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}) // several tabs have it
	return b
}

func (b *tab) listen(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.origin+"/") && !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "blob:"+b.origin) {
			b.complain("a request to %s", e.Request.URL)
		}
	case *network.EventWebSocketCreated:
		b.complain("a web socket to %s", e.URL)
	case *log.EventEntryAdded: // violations of the policy are among them
		b.complain("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text := ""
			for _, arg := range e.Args {
				text += string(arg.Value) + arg.Description + " "
			}
			b.complain("console: %s", text)
		}
	case *runtime.EventExceptionThrown:
		b.complain("an exception: %v", e.ExceptionDetails)
	}
}

func (b *tab) complain(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
}

// expect takes back the complaints that have a text, which a test has brought about on purpose.
func (b *tab) expect(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong = slices.DeleteFunc(b.wrong, func(w string) bool { return strings.Contains(w, text) })
}

func (b *tab) mustBeClean() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wrong {
		b.t.Errorf("the browser saw %s", w)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// get gives the value of an expression on the page.
func get[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// see waits until an expression is true on the page.
func (b *tab) see(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for range time.Tick(20 * time.Millisecond) {
		if get[bool](b, "!!("+expression+")") {
			return
		}
		if time.Now().After(deadline) {
			b.picture(b.t.ArtifactDir(), "failed")
			b.t.Fatalf("%s does not come true (hidden: %t); the page says\n%s", expression, get[bool](b, "document.hidden"), get[string](b, "document.body.innerText"))
		}
	}
}

// shows waits until an element has a text.
func (b *tab) shows(selector, text string) {
	b.t.Helper()
	b.see(fmt.Sprintf("document.querySelector(%q)?.innerText.includes(%q)", selector, text))
}

// visible is an expression for the element of a selector that is shown and whose text begins so.
func visible(selector, text string) string {
	return fmt.Sprintf("[...document.querySelectorAll(%q)].find(e => e.checkVisibility() && e.innerText.trim().startsWith(%q))", selector, text)
}

// press presses a button wherever it is.
func (b *tab) press(selector, text string) {
	b.t.Helper()
	find := visible(selector, text)
	b.see(find)
	get[bool](b, find+".click() === undefined")
}

// click clicks what a person sees at the place of an element.
func (b *tab) click(selector, text string) {
	b.t.Helper()
	find := visible(selector, text)
	b.see(find)
	type point struct{ X, Y float64 }
	var at, before point
	for range time.Tick(20 * time.Millisecond) { // until the page does not move any more
		before, at = at, get[point](b, `(() => {
			const e = `+find+`;
			e.scrollIntoView({block: 'center', behavior: 'instant'});
			const r = e.getBoundingClientRect();
			return {X: r.x + r.width / 2, Y: r.y + r.height / 2};
		})()`)
		if at == before {
			break
		}
	}
	b.do(chromedp.MouseClickXY(at.X, at.Y))
}

// choose sets a field of a form, as a person does.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	get[bool](b, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		e.value = %q;
		e.dispatchEvent(new Event('input', {bubbles: true}));
		e.dispatchEvent(new Event('change', {bubbles: true}));
		return true;
	})()`, selector, value))
}

// look makes the tab as wide and as bright as somebody's.
func (b *tab) look(width, height int64, scheme string) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// picture keeps what the tab shows as a file.
func (b *tab) picture(dir, name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
