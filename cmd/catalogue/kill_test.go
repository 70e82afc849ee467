package main_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// A round kills the server, and in every other round an import too, while they write: after a number of writes and at a
// moment that chance gives. The environment says how many rounds there are (CATALOGUE_KILL_ROUNDS) and where chance begins
// (CATALOGUE_KILL_SEED).
const (
	defaultRounds = 5
	roundsOfOne   = 10  // rounds with one database, which grows
	mostAnswered  = 120 // writes before the server is killed
)

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text, set := os.LookupEnv(variable)
	if !set {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

func TestAKilledServerHasKeptEveryAnsweredWriteAndNothingByHalves(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		rounds, seed := number(t, "CATALOGUE_KILL_ROUNDS", defaultRounds), number(t, "CATALOGUE_KILL_SEED", 1)
		var server *server
		var c *campaign
		for round := range rounds {
			chance := rand.New(rand.NewPCG(uint64(seed), uint64(round)))
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("to try round %d of these again: CATALOGUE_KILL_SEED=%d", round, seed)
				}
			})
			if round%roundsOfOne == 0 {
				if server != nil {
					server.stop()
				}
				c = begin(t, database, chance)
				server = c.serve()
			}
			w := c.write(server, round, chance)
			server = c.serve()
			c.verify(server, w)
			if t.Failed() {
				t.Fatalf("round %d of %d is the first that failed", round, rounds)
			}
		}
		server.stop()
	})
}

// upTo chooses a time shorter than limit.
func upTo(chance *rand.Rand, limit time.Duration) time.Duration {
	return time.Duration(chance.Int64N(int64(limit)))
}

// campaign is a database that programs write to until they are killed.
type campaign struct {
	t        *testing.T
	database string
	dsn      string
	token    string // of the publisher
	admin    string // of a key that may do everything
}

// begin makes the database; a server that is killed while it does the same comes first.
func begin(t *testing.T, database string, chance *rand.Rand) *campaign {
	t.Helper()
	c := &campaign{t: t, database: database, dsn: storetest.DSN(t, database)}
	first := launch(t, setup{}, "serve", "--listen", "127.0.0.1:0", "--migrate", "--database", c.dsn)
	time.Sleep(upTo(chance, 200*time.Millisecond)) // when it is killed is what the test is about
	first.kill()
	must(t, "migrate", "--database", c.dsn)
	c.token = newPublisher(t, c.dsn)
	c.admin = strings.TrimSpace(must(t, "keys", "create", "--database", c.dsn, "--name", "admin", "--scopes", "admin"))
	return c
}

func (c *campaign) serve() *server {
	c.t.Helper()
	s := serve(c.t, "--database", c.dsn, "--log-level", "warn")
	await(c.t, "the server is ready", func() bool { // an import may still be under way
		a, err := s.ask(http.MethodGet, "/readyz", "", nil)
		return err == nil && a.status == http.StatusOK
	})
	return s
}

// wave is what was written in a round.
type wave struct {
	round int
	rows  int    // of the import
	file  string // of the import
	book  *book
}

// importPrefix is what the keys of the import begin with.
func (w *wave) importPrefix() string { return fmt.Sprintf("r%d-i", w.round) }

// write lets several writers and an import write until they are killed.
func (c *campaign) write(s *server, round int, chance *rand.Rand) *wave {
	c.t.Helper()
	w := &wave{round: round, book: &book{entries: map[string]*history{}}}
	rows := importRows(w.importPrefix())
	w.rows, w.file = len(rows), writeRows(c.t, rows...)

	var writing sync.WaitGroup
	writers := append([]func(*writer){(*writer).chain, (*writer).chain, (*writer).toggle, (*writer).compete, (*writer).compete},
		slices.Repeat([]func(*writer){(*writer).everything}, 11)...)
	for i, write := range writers {
		wr := &writer{
			c: c, s: s, book: w.book, name: fmt.Sprintf("r%d-w%d", round, i), round: round,
			chance: rand.New(rand.NewPCG(chance.Uint64(), uint64(i))),
		}
		writing.Go(func() { write(wr) })
	}
	importer := launch(c.t, setup{}, "import", "--database", c.dsn, w.file)
	killImporter := round%2 == 1
	var killing sync.WaitGroup
	if killImporter {
		pause := upTo(chance, 500*time.Millisecond) // its rows are stored together
		killing.Go(func() {
			time.Sleep(pause)
			importer.kill()
		})
	}
	answered, pause := int64(1+chance.IntN(mostAnswered)), upTo(chance, 5*time.Millisecond)
	await(c.t, "writes are answered", func() bool { return c.t.Failed() || w.book.answered.Load() >= answered })
	time.Sleep(pause)
	s.kill()
	writing.Wait()
	killing.Wait()
	if status := importer.wait(); !killImporter && status != 0 {
		c.t.Errorf("the import beside a killed server: got status %d, want 0: %s%s", status, importer.out, importer.err)
	}
	return w
}

// verify looks for every answered write, and for halves, after the restart.
func (c *campaign) verify(s *server, w *wave) {
	c.t.Helper()
	feed := s.feed()
	for _, h := range w.book.entries {
		c.verifyEntry(s, feed, h)
	}
	for _, p := range w.book.promises {
		for _, holds := range p.holds {
			if missing := holds(s); missing != "" {
				c.t.Errorf("%s was answered: %s", p.what, missing)
			}
		}
	}
	again := must(c.t, "import", "--database", c.dsn, w.file)
	var created, updated, unchanged, refused int
	if _, err := fmt.Sscanf(again, "created %d, updated %d, unchanged %d, archived 0, refused %d", &created, &updated, &unchanged, &refused); err != nil {
		c.t.Fatalf("the report of the import is %q: %v", again, err)
	}
	if created+unchanged != w.rows || updated+refused != 0 {
		c.t.Errorf("importing again: got %q, want %d rows created or unchanged and no others", again, w.rows)
	}
	verifyDatabase(c.t, c.database, c.dsn, w)
	c.t.Logf("round %d: %d entries with %d answered writes, feed at %d, then %s",
		w.round, len(w.book.entries), w.book.answered.Load(), len(feed), strings.TrimSpace(again))
}

// feed reads the whole feed, which has no gaps.
func (s *server) feed() []catalogue.Change {
	s.t.Helper()
	var feed []catalogue.Change
	for {
		var page struct{ Items []catalogue.Change }
		s.get(fmt.Sprintf("/v1/changes?limit=1000&after=%d", len(feed)), "", http.StatusOK).into(s.t, &page)
		if len(page.Items) == 0 {
			return feed
		}
		for _, change := range page.Items {
			if want := int64(len(feed) + 1); change.Position != want {
				s.t.Fatalf("the feed: got position %d, want %d", change.Position, want)
			}
			feed = append(feed, change)
		}
	}
}

// verifyEntry compares an entry with what its writers were answered last. A write that was under way may have happened
// or not, but as a whole.
func (c *campaign) verifyEntry(s *server, feed []catalogue.Change, h *history) {
	c.t.Helper()
	path := fmt.Sprintf("/v1/publishers/%s/%ss/%s", publisher, h.kind, h.key)
	own, err := s.ask(http.MethodGet, path, c.token, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if own.status == http.StatusNotFound && len(h.answered) == 0 {
		return
	}
	if own.status != http.StatusOK {
		c.t.Errorf("%s: got status %d, want 200 after %d answered writes", path, own.status, len(h.answered))
		return
	}
	var got entry
	own.into(c.t, &got)
	for _, a := range h.answered {
		if got.DraftVersion < a.DraftVersion || got.Revision < a.Revision {
			c.t.Errorf("%s: got version %d and revision %d, but %d and %d were answered", path, got.DraftVersion, got.Revision, a.DraftVersion, a.Revision)
		}
		if a.position == 0 {
			continue
		}
		if a.position > int64(len(feed)) {
			c.t.Errorf("%s: position %d was answered, but the feed ends at %d", path, a.position, len(feed))
			continue
		}
		change := feed[a.position-1]
		withdrawn := change.Change == catalogue.ChangeWithdrawn
		if string(change.Kind) != h.kind || change.Key != h.key || change.Revision != a.Revision || withdrawn != (a.Publication == "withdrawn") {
			c.t.Errorf("position %d: got %+v, want %s of revision %d of %s", a.position, change, a.Publication, a.Revision, path)
		}
	}
	if !h.allows(got) {
		c.t.Errorf("%s: got %+v, want what was answered last or one of what was under way: %s", path, got, h)
	}
	c.verifyPublic(s, path, h.kind, got)
}

// verifyPublic compares what readers see with what the publisher sees.
func (c *campaign) verifyPublic(s *server, path, kind string, own entry) {
	c.t.Helper()
	want := map[string]int{"never": http.StatusNotFound, "published": http.StatusOK, "withdrawn": http.StatusGone}[own.Publication]
	public, err := s.ask(http.MethodGet, "/v1/"+kind+"s/"+own.ID, "", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if public.status != want {
		c.t.Errorf("%s is %s: readers got status %d, want %d", path, own.Publication, public.status, want)
		return
	}
	var view struct{ Title string }
	public.into(c.t, &view)
	if title := own.Document.Title["it"]; want == http.StatusOK && own.Draft == "clean" && view.Title != title {
		c.t.Errorf("%s: readers got the title %q, want %q", path, view.Title, title)
	}
}

// importRows are places, offices and services, some of which name what comes later.
func importRows(prefix string) []any {
	const each = 100
	var rows, late []any
	for i := range each {
		key := fmt.Sprintf("%s%d", prefix, i)
		p := row("place", key, place("Luogo "+key))
		o := row("office", key, office("Ufficio "+key, publisher+"/"+key))
		v := row("service", key, service("Servizio "+key, publisher+"/"+key))
		if i%8 == 0 {
			rows, late = append(rows, v, o), append(late, p)
		} else {
			rows = append(rows, p, o, v)
		}
	}
	return append(rows, late...)
}

// entry is what a publisher is answered.
type entry struct {
	ID           string
	Publication  string
	Draft        string
	DraftVersion int
	Revision     int
	Document     struct{ Title map[string]string }
}

// outcome is what a write makes of an entry.
type outcome struct{ title, publication, draft string }

func (e entry) outcome() outcome { return outcome{e.Document.Title["it"], e.Publication, e.Draft} }

// written is an answered write.
type written struct {
	entry
	position int64 // of the change it made, 0 if it made none
}

// history is what is known of one entry: what was answered, and what was under way when the server was killed.
type history struct {
	kind, key string
	shared    bool // by several writers
	answered  []written
	open      []outcome
}

// allows reports whether an entry is what it may be: what was answered last, or one of what was not answered. Of an entry
// that several wrote, the last is the one with the highest version.
func (h *history) allows(got entry) bool {
	for _, o := range h.open {
		if got.outcome() == o {
			return true
		}
	}
	if len(h.answered) == 0 {
		return false
	}
	last := h.answered[len(h.answered)-1]
	if h.shared {
		for _, a := range h.answered {
			if a.DraftVersion > last.DraftVersion {
				last = a
			}
		}
	}
	return got.outcome() == last.outcome() && got.DraftVersion == last.DraftVersion && got.Revision == last.Revision
}

func (h *history) String() string {
	last := "nothing"
	if n := len(h.answered); n > 0 {
		last = fmt.Sprintf("%+v", h.answered[n-1])
	}
	return fmt.Sprintf("answered %s, under way %+v", last, h.open)
}

// book is what the writers of a round know.
type book struct {
	mu       sync.Mutex
	entries  map[string]*history // by kind and key
	promises []promise
	answered atomic.Int64
}

func (b *book) change(kind, key string, do func(*history)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.entries[kind+"/"+key]
	if h == nil {
		h = &history{kind: kind, key: key}
		b.entries[kind+"/"+key] = h
	}
	do(h)
}

// writer writes until its server is gone, and notes what it was answered.
type writer struct {
	c      *campaign
	s      *server
	book   *book
	chance *rand.Rand
	name   string
	round  int
}

// chain publishes places, offices in them and services of those, and changes some of them.
func (w *writer) chain() {
	for i := 0; ; i++ {
		key := fmt.Sprintf("%s-%d", w.name, i)
		ref := publisher + "/" + key
		if !w.publish("place", key, place("Luogo "+key), false) ||
			!w.publish("office", key, office("Ufficio "+key, ref), false) ||
			!w.publish("service", key, service("Servizio "+key, ref), false) {
			return
		}
		if w.chance.IntN(2) == 0 && !w.publish("office", key, office("Nuovo ufficio "+key, ref), false) {
			return
		}
	}
}

// toggle stores, publishes and withdraws one place again and again.
func (w *writer) toggle() {
	path, publication := "/v1/publishers/"+publisher+"/places/"+w.name, "never"
	for i := 0; ; i++ {
		title := fmt.Sprintf("Luogo %s, %d", w.name, i)
		if !w.send("place", w.name, false, http.MethodPut, path, place(title), outcome{title, publication, "editing"}, false) ||
			!w.send("place", w.name, false, http.MethodPost, path+"/transitions", object{"transition": "publish"}, outcome{title, "published", "clean"}, true) ||
			!w.send("place", w.name, false, http.MethodPost, path+"/transitions", object{"transition": "withdraw", "reason": "prova"}, outcome{title, "withdrawn", "clean"}, true) {
			return
		}
		publication = "withdrawn"
	}
}

// compete publishes a place that others publish at the same time.
func (w *writer) compete() {
	for i := 0; ; i++ {
		if !w.publish("place", fmt.Sprintf("r%d-shared", w.round), place(fmt.Sprintf("Luogo di %s, %d", w.name, i)), true) {
			return
		}
	}
}

func (w *writer) publish(kind, key string, document object, shared bool) bool {
	path := fmt.Sprintf("/v1/publishers/%s/%ss/%s?publish=true", publisher, kind, key)
	title := document["title"].(object)["it"].(string)
	return w.send(kind, key, shared, http.MethodPut, path, document, outcome{title, "published", "clean"}, true)
}

// send makes one write and reports whether the server still lives.
func (w *writer) send(kind, key string, shared bool, method, path string, body object, makes outcome, public bool) bool {
	w.book.change(kind, key, func(h *history) {
		h.shared = shared
		h.open = append(h.open, makes)
	})
	a, err := w.s.ask(method, path, w.c.token, body)
	switch {
	case err != nil:
		return w.lives(err, method+" "+path)
	case a.status != http.StatusOK && a.status != http.StatusCreated:
		w.c.t.Errorf("%s %s: got status %d, want 200 or 201: %s", method, path, a.status, a.body)
		return false
	}
	got := written{}
	a.into(w.c.t, &got.entry)
	if got.outcome() != makes {
		w.c.t.Errorf("%s %s: got %+v, want %+v", method, path, got.outcome(), makes)
	}
	if public {
		if got.position, err = strconv.ParseInt(a.header.Get("Catalogue-Position"), 10, 64); err != nil {
			w.c.t.Errorf("%s %s: Catalogue-Position: %v", method, path, err)
		}
	}
	w.book.answered.Add(1)
	w.book.change(kind, key, func(h *history) {
		h.answered = append(h.answered, got)
		for i, o := range h.open {
			if o == makes {
				h.open = append(h.open[:i:i], h.open[i+1:]...)
				break
			}
		}
	})
	return true
}

// lives reports false after a request that got no answer, since the server must be gone.
func (w *writer) lives(err error, request string) bool {
	select {
	case <-w.s.exited:
	case <-time.After(deadline):
		w.c.t.Errorf("%s: %v, but the server lives", request, err)
	}
	return false
}
