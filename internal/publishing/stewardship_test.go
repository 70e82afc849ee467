package publishing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// city is a room with a clock that stands still until it is moved.
type city struct {
	room
	now time.Time
}

// inTime runs a test that moves the clock, on both databases.
func inTime(t *testing.T, test func(t *testing.T, c *city)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := &city{room: newRoom(t, s), now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
		c.Publishing = publishing.New(s, func() time.Time { return c.now })
		test(t, c)
	})
}

func (c *city) days(n int) { c.now = c.now.AddDate(0, 0, n) }

// waiting lists the keys of what waits in a queue, with the details.
func (c *city) waiting(t *testing.T, queue catalogue.Queue, f publishing.WorkFilter) []string {
	t.Helper()
	items, next, total, err := c.WorkItems(t.Context(), publishing.WorkPage{Queue: queue, Filter: f, Limit: 100})
	if err != nil || next != nil || total != len(items) {
		t.Fatalf("queue %s: %v, next %v, total %d of %d items", queue, err, next, total, len(items))
	}
	var keys []string
	for _, item := range items {
		keys = append(keys, strings.Join(append([]string{item.Ref.Key}, item.Details...), " "))
	}
	return keys
}

func (c *city) wantWaiting(t *testing.T, queue catalogue.Queue, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, c.waiting(t, queue, publishing.WorkFilter{})); diff != "" {
		t.Errorf("queue %s mismatch (-want +got):\n%s", queue, diff)
	}
}

func (c *city) confirm(t *testing.T, ref catalogue.Ref) publishing.Result {
	t.Helper()
	result, err := c.Confirm(t.Context(), ref, draft)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestAConfirmationMovesTheReviewAndNothingElse(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		ref := service("prato", "carta")
		before := c.put(t, ref, serviceTitled("Carta"), public)
		c.put(t, ref, serviceTitled("Carta nuova"), draft) // an edit that goes on meanwhile
		c.days(100)
		after := c.confirm(t, ref)
		wantState(t, after.State, "published editing 2 1")
		if got, want := after.State.ReviewBy.Format(time.DateOnly), "2027-06-09"; got != want {
			t.Errorf("next review by %s, want %s", got, want)
		}
		if !after.State.ReviewedAt.Equal(c.now) || after.Position != before.Position+1 {
			t.Errorf("reviewed at %v, position %d, want %v and the one after %d", after.State.ReviewedAt, after.Position, c.now, before.Position)
		}
		updates, err := c.Since(t.Context(), before.Position, 10)
		if err != nil || len(updates) != 1 || updates[0].Change.Change != catalogue.ChangeReviewed || updates[0].Revision != 1 || !updates[0].ReviewedAt.Equal(c.now) {
			t.Errorf("the feed tells %+v, %v, want one change reviewed of revision 1", updates, err)
		}
		c.wantAudited(t, ref, "create", "publish", "update", "confirm")
	})
}

func TestOnlyWhatIsPublicIsConfirmed(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, place("prato", "never"), titled("Mai"), draft)
		r.put(t, place("prato", "gone"), titled("Via"), public)
		r.move(t, place("prato", "gone"), withdraw)
		for key, want := range map[string]error{"never": catalogue.ErrState, "gone": catalogue.ErrState, "nobody": catalogue.ErrNotFound} {
			r.refused(t, want, func() (publishing.Result, error) { return r.Confirm(t.Context(), place("prato", key), draft) })
		}
		ref := place("alia", "p")
		r.put(t, ref, titled("Piazza"), public)
		r.refused(t, catalogue.ErrPrecondition, func() (publishing.Result, error) { return r.Confirm(t.Context(), ref, draft) })
		r.refused(t, catalogue.ErrStale, func() (publishing.Result, error) { return r.Confirm(t.Context(), ref, ifMatch(draft, 7)) })
		if _, err := r.Confirm(t.Context(), ref, ifMatch(draft, 1)); err != nil {
			t.Errorf("with the right version: %v", err)
		}
	})
}

func TestReviewsAreDueAsThePublisherSays(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		ref := place("prato", "p")
		want := func(day string) {
			t.Helper()
			if got := c.get(t, ref).ReviewBy.Format(time.DateOnly); got != day {
				t.Errorf("review by %s, want %s", got, day)
			}
		}
		c.put(t, ref, titled("Piazza"), public)
		want("2027-03-01")
		s := catalogue.Stewardship{Reviews: []catalogue.ReviewInterval{{Kind: "place", Months: 2}}}
		if err := c.PutStewardship(t.Context(), "prato", s, me); err != nil {
			t.Fatal(err)
		}
		want("2027-03-01") // until the next time
		c.confirm(t, ref)
		want("2026-05-01")
		c.days(1)
		c.put(t, ref, titled("Piazza nuova"), public)
		want("2026-05-02")
		got, err := c.Stewardship(t.Context(), "prato")
		if diff := cmp.Diff(s, got); err != nil || diff != "" {
			t.Errorf("stewardship: %v, mismatch (-want +got):\n%s", err, diff)
		}
		if err := c.PutStewardship(t.Context(), "nobody", s, me); err == nil {
			t.Error("the stewardship of an unknown publisher was stored")
		}
	})
}

func TestReviewsWaitInOneQueueAfterTheOther(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		c.put(t, office("prato", "o"), titled("Ufficio"), public) // to be reviewed by 2026-09-01
		queues := []catalogue.Queue{catalogue.QueueReviewDue, catalogue.QueueReviewOverdue, catalogue.QueueReviewEscalated}
		for _, step := range []struct {
			day   string
			since string
			queue catalogue.Queue
		}{
			{"2026-08-01", "", ""},
			{"2026-08-03", "2026-08-02", catalogue.QueueReviewDue},
			{"2026-09-01", "2026-08-02", catalogue.QueueReviewDue},
			{"2026-09-02", "2026-09-01", catalogue.QueueReviewOverdue},
			{"2026-12-01", "2026-09-01", catalogue.QueueReviewOverdue},
			{"2026-12-02", "2026-12-01", catalogue.QueueReviewEscalated},
		} {
			day, err := time.Parse(time.DateOnly, step.day)
			if err != nil {
				t.Fatal(err)
			}
			c.now = day.Add(12 * time.Hour)
			for _, queue := range queues {
				items, _, _, err := c.WorkItems(t.Context(), publishing.WorkPage{Queue: queue, Limit: 10})
				if err != nil || (len(items) == 1) != (queue == step.queue) {
					t.Errorf("%s: %d wait in %s, %v", step.day, len(items), queue, err)
				}
				if len(items) == 1 && items[0].Since.Format(time.DateOnly) != step.since {
					t.Errorf("%s: waits in %s since %v, want %s", step.day, queue, items[0].Since, step.since)
				}
			}
		}
		c.confirm(t, office("prato", "o"))
		c.wantWaiting(t, catalogue.QueueReviewEscalated)
	})
}

func TestDraftsWaitByTheirState(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		c.put(t, place("prato", "edited"), titled("Piazza"), public)
		c.put(t, place("prato", "edited"), titled("Piazza nuova"), draft)
		c.put(t, place("asl", "submitted"), titled("Ospedale"), public)
		c.put(t, place("prato", "away"), titled("Via"), draft)
		c.move(t, place("prato", "away"), publishing.Move{Transition: catalogue.Archive})
		c.wantWaiting(t, catalogue.QueueInReview, "submitted")
		c.wantWaiting(t, catalogue.QueueApproved)
		c.wantWaiting(t, catalogue.QueueScheduled)
		c.wantWaiting(t, catalogue.QueueStaleDrafts)
		c.days(31)
		c.wantWaiting(t, catalogue.QueueStaleDrafts, "edited")
		c.put(t, place("prato", "edited"), titled("Piazza nuovissima"), draft)
		c.wantWaiting(t, catalogue.QueueStaleDrafts)
	})
}

func TestWhatIsWithdrawnPutsItsReferrersIntoAQueue(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		c.put(t, place("prato", "sede"), titled("Sede"), public)
		c.put(t, office("prato", "o"), titled("Ufficio", `"places":["prato/sede"]`), public)
		c.wantWaiting(t, catalogue.QueueUnavailableReferences)
		c.move(t, place("prato", "sede"), withdraw)
		c.wantWaiting(t, catalogue.QueueUnavailableReferences, "o /places/0")
		c.put(t, office("prato", "o"), titled("Ufficio"), public)
		c.wantWaiting(t, catalogue.QueueUnavailableReferences)
	})
}

func TestCountersWithoutHoursWait(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		timetable := named(catalogue.KindTimetable, "orari")
		c.put(t, timetable, titled("Orari", `"alwaysOpen":true`), public)
		c.put(t, place("prato", "closed"), titled("Sede"), public)
		c.put(t, place("prato", "open"), titled("Altra sede", `"timetable":"prato/orari"`), public)
		c.put(t, office("prato", "nowhere"), titled("Ufficio in rete"), public)
		c.put(t, office("prato", "timed"), titled("Ufficio a orari", `"places":["prato/closed"]`, `"timetable":"prato/orari"`), public)
		c.put(t, office("prato", "there"), titled("Ufficio in sede", `"places":["prato/open"]`), public)
		c.put(t, office("prato", "unknown"), titled("Ufficio", `"places":["prato/closed"]`), public)
		c.wantWaiting(t, catalogue.QueueNoHours, "unknown")
		c.put(t, place("prato", "closed"), titled("Sede", `"timetable":"prato/orari"`), public)
		c.wantWaiting(t, catalogue.QueueNoHours)
	})
}

func TestEntriesOfOneNameWaitAsDuplicates(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		c.put(t, service("prato", "a"), serviceTitled("Carta d’identità"), public)
		c.put(t, service("gida", "b"), serviceTitled("CARTA D'IDENTITA'"), draft)
		c.put(t, office("prato", "c"), titled("Carta d'identità"), public) // another kind
		c.wantWaiting(t, catalogue.QueueDuplicates, "a", "b")
		c.put(t, service("gida", "b"), serviceTitled("Carta dell'acqua"), draft)
		c.wantWaiting(t, catalogue.QueueDuplicates)
		c.put(t, service("gida", "b"), serviceTitled("Carta d'identità"), public)
		c.move(t, service("gida", "b"), withdraw)
		c.wantWaiting(t, catalogue.QueueDuplicates)
	})
}

func TestConcernsFollowWhatIsPublic(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		c.put(t, named(catalogue.KindChannel, "web"), titled("Rete", `"type":"02.2"`), public)
		ref := service("prato", "carta")
		c.put(t, ref, serviceTitled("Carta"), draft)
		c.wantWaiting(t, catalogue.QueueNoOnlineWay) // nobody reads it yet
		c.put(t, ref, serviceTitled("Carta", `"validTo":"2026-03-31"`), public)
		c.wantWaiting(t, catalogue.QueueNoOnlineWay, "carta")
		c.wantWaiting(t, catalogue.QueueEndedValidity)
		c.days(31) // into April, in Prato too
		c.wantWaiting(t, catalogue.QueueEndedValidity, "carta /validTo")
		c.put(t, ref, serviceTitled("Carta", `"connections":[{"channel":"prato/web"}]`), draft)
		c.wantWaiting(t, catalogue.QueueNoOnlineWay, "carta")
		c.move(t, ref, publishing.Move{Transition: catalogue.Publish, Note: usual})
		c.wantWaiting(t, catalogue.QueueNoOnlineWay)
		c.wantWaiting(t, catalogue.QueueEndedValidity)
		if got := c.waiting(t, catalogue.QueueMissingTranslations, publishing.WorkFilter{}); !slices.Contains(got, "carta en") {
			t.Errorf("missing translations = %v, want the English of carta", got)
		}
		c.move(t, ref, withdraw)
		if got := c.waiting(t, catalogue.QueueMissingTranslations, publishing.WorkFilter{}); slices.Contains(got, "carta en") {
			t.Error("what was withdrawn still waits for a translation")
		}
	})
}

func TestAnOwnerTakesItsEntryOutOfTheQueue(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		ref := place("prato", "p")
		own := func(owner string) {
			t.Helper()
			if _, err := c.PutCustody(t.Context(), ref, catalogue.Custody{Owner: owner}, draft, false); err != nil {
				t.Fatal(err)
			}
		}
		c.put(t, ref, titled("Piazza"), draft)
		own("Ufficio A")
		c.put(t, ref, titled("Piazza"), public)
		c.wantWaiting(t, catalogue.QueueNoOwner)
		own("")
		c.wantWaiting(t, catalogue.QueueNoOwner, "p")
		own("")
		own("Ufficio B")
		c.wantWaiting(t, catalogue.QueueNoOwner)
		c.put(t, ref, titled("Piazza nuova"), public) // which leaves the owner
		c.wantWaiting(t, catalogue.QueueNoOwner)
		c.wantAudited(t, ref, "create", "custody: owner: Ufficio A", "publish", "custody: owner: ", "custody: owner: Ufficio B", "update", "publish")
	})
}

func TestQueuesAreCountedByPublisherAndOffice(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		c.put(t, office("prato", "anagrafe"), titled("Anagrafe"), public)
		for _, key := range []string{"a", "b"} {
			c.put(t, service("prato", key), serviceTitled(key, `"responsibleOffice":"prato/anagrafe"`), public)
		}
		c.put(t, service("prato", "c"), serviceTitled("c"), public)
		c.put(t, service("gida", "d"), serviceTitled("d"), public)
		c.days(400) // all reviews were forgotten
		count := func(f publishing.WorkFilter, queue catalogue.Queue) []string {
			t.Helper()
			counts, err := c.Work(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			var list []string
			for _, n := range counts {
				if n.Queue == queue {
					of := "-"
					if n.Office != nil {
						of = n.Office.String()
					}
					list = append(list, fmt.Sprintf("%s %s %d", n.Publisher, of, n.Entries))
				}
			}
			slices.Sort(list)
			return list
		}
		anagrafe := publishing.WorkFilter{Offices: []catalogue.Ref{office("prato", "anagrafe")}}
		for _, test := range []struct {
			name   string
			filter publishing.WorkFilter
			queue  catalogue.Queue
			want   []string
		}{
			{"all, of concerns", publishing.WorkFilter{}, catalogue.QueueNoOnlineWay, []string{"gida - 1", "prato - 1", "prato prato/anagrafe 2"}},
			{"a publisher's", publishing.WorkFilter{Publishers: []string{"gida"}}, catalogue.QueueNoOnlineWay, []string{"gida - 1"}},
			{"an office's", anagrafe, catalogue.QueueNoOnlineWay, []string{"prato prato/anagrafe 2"}},
			{"the office itself too", anagrafe, catalogue.QueueReviewEscalated, []string{"prato prato/anagrafe 1"}},
			{"a kind's", publishing.WorkFilter{Kinds: []catalogue.Kind{catalogue.KindService}}, catalogue.QueueReviewOverdue, []string{"gida - 1", "prato - 1", "prato prato/anagrafe 2"}},
			{"an unknown publisher's", publishing.WorkFilter{Publishers: []string{"nobody"}}, catalogue.QueueNoOnlineWay, nil},
			{"an unknown office's", publishing.WorkFilter{Offices: []catalogue.Ref{office("prato", "nobody")}}, catalogue.QueueReviewOverdue, nil},
		} {
			if diff := cmp.Diff(test.want, count(test.filter, test.queue)); diff != "" {
				t.Errorf("%s: counts mismatch (-want +got):\n%s", test.name, diff)
			}
			sum := 0
			for _, line := range test.want {
				var n int
				if _, err := fmt.Sscanf(line[strings.LastIndexByte(line, ' '):], "%d", &n); err != nil {
					t.Fatal(err)
				}
				sum += n
			}
			if got := len(c.waiting(t, test.queue, test.filter)); got != sum {
				t.Errorf("%s: %d wait, counted are %d", test.name, got, sum)
			}
		}
	})
}

func TestAQueueIsReadPageByPage(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		for i, key := range []string{"a", "b", "c", "d", "e"} {
			c.put(t, place("prato", key), titled(key), public)
			c.put(t, place("prato", key), titled(key+key), draft)
			c.days(i % 2) // some at the same moment
		}
		c.days(400)
		for _, queue := range []catalogue.Queue{catalogue.QueueNoOwner, catalogue.QueueStaleDrafts, catalogue.QueueReviewOverdue} {
			var got []string
			var after *publishing.Waiting
			for {
				items, next, total, err := c.WorkItems(t.Context(), publishing.WorkPage{Queue: queue, After: after, Limit: 2})
				if err != nil || total != 5 {
					t.Fatalf("queue %s: %v, total %d", queue, err, total)
				}
				for _, item := range items {
					got = append(got, item.Ref.Key)
				}
				if after = next; next == nil {
					break
				}
			}
			if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, got); diff != "" {
				t.Errorf("queue %s: pages mismatch (-want +got):\n%s", queue, diff)
			}
		}
		if _, _, _, err := c.WorkItems(t.Context(), publishing.WorkPage{Queue: "lunch", Limit: 1}); err == nil {
			t.Error("an unknown queue was read")
		}
	})
}

func TestOnlyItsSourceWritesWhatIsLocked(t *testing.T) {
	crm := publishing.Write{Actor: publishing.Actor{Name: "crm"}}
	run(t, func(t *testing.T, r room) {
		ref := office("prato", "o")
		with := func(phone string) string {
			return titled("Ufficio", `"contacts":[{"entries":[{"type":"phone","value":"`+phone+`"}]}]`)
		}
		r.put(t, ref, with("0574 1"), public)
		r.put(t, ref, with("0574 2"), public)
		lock := catalogue.Custody{Locks: []catalogue.Lock{{Source: "crm", Pointers: []string{"/contacts"}}}}
		if _, err := r.PutCustody(t.Context(), ref, lock, crm, false); err != nil {
			t.Fatalf("a source locks its own: %v", err)
		}
		r.refusedAt(t, func() (publishing.Result, error) { return r.Put(t.Context(), ref, []byte(with("0574 3")), draft) }, "/contacts locked")
		r.refusedAt(t, func() (publishing.Result, error) { return r.Put(t.Context(), ref, []byte(titled("Ufficio")), public) }, "/contacts locked")
		r.refusedAt(t, func() (publishing.Result, error) {
			return r.Patch(t.Context(), ref, []byte(`{"contacts":null}`), draft)
		}, "/contacts locked")
		r.refusedAt(t, func() (publishing.Result, error) {
			return r.Transition(t.Context(), ref, publishing.Move{Transition: catalogue.Restore, Revision: 1}, draft)
		}, "/contacts locked")
		row := `{"publisher":"prato","kind":"office","key":"o","document":` + titled("Ufficio") + `}`
		imported := func(who publishing.Actor) (report publishing.RowReport) {
			err := r.Import(t.Context(), rowsOf(row), publishing.ImportOptions{Actor: who}, func(rows []publishing.RowReport) { report = rows[0] })
			if err != nil {
				t.Fatal(err)
			}
			return report
		}
		if report := imported(me); report.Outcome != publishing.RowRefused || !cmp.Equal(findingsOf(report.Err), []string{"/contacts locked"}) {
			t.Errorf("import: got %s, %v, want the row refused at /contacts", report.Outcome, report.Err)
		}
		if _, err := r.Patch(t.Context(), ref, []byte(`{"summary":{"it":"Altro"}}`), draft); err != nil {
			t.Errorf("what is not locked: %v", err)
		}
		r.put(t, ref, with("0574 3"), crm)
		if report := imported(crm.Actor); report.Outcome != publishing.RowUpdated {
			t.Errorf("import by the source: got %s, %v, want updated", report.Outcome, report.Err)
		}

		r.refusedAt(t, func() (publishing.Result, error) {
			return r.PutCustody(t.Context(), ref, catalogue.Custody{}, draft, false)
		}, "/locks locked")
		if _, err := r.PutCustody(t.Context(), ref, catalogue.Custody{}, draft, true); err != nil {
			t.Fatalf("an admin unlocks: %v", err)
		}
		r.put(t, ref, with("0574 4"), draft)
		custody, err := r.Custody(t.Context(), ref)
		if err != nil || custody.Owner != "" || len(custody.Locks) != 0 {
			t.Errorf("custody = %+v, %v, want none", custody, err)
		}
	})
}

func TestWhatNobodyLooksAfterIsArchivedWhenThePublisherSaysSo(t *testing.T) {
	inTime(t, func(t *testing.T, c *city) {
		archivable := func(want ...string) {
			t.Helper()
			items, total, err := c.Archivable(t.Context(), "prato", 1)
			var keys []string
			for _, item := range items {
				keys = append(keys, item.Ref.Key)
			}
			if err != nil || total != len(want) || len(want) > 0 && keys[0] != want[0] {
				t.Errorf("archivable are %v of %d, %v, want %v", keys, total, err, want)
			}
		}
		for _, key := range []string{"old", "older", "loved"} {
			c.put(t, place("prato", key), titled(key), public)
		}
		c.days(365 + 200)
		archivable()
		if err := c.PutStewardship(t.Context(), "prato", catalogue.Stewardship{ArchiveAfterMonths: 6}, me); err != nil {
			t.Fatal(err)
		}
		archivable("old", "older", "loved")
		c.confirm(t, place("prato", "loved"))
		archivable("old", "older")
		refs := []catalogue.Ref{place("prato", "old"), place("prato", "loved"), place("prato", "nobody"), place("gida", "old")}
		done, err := c.Archive(t.Context(), refs, me)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []bool{true, false, false, false} {
			if done[i].Archived != want || done[i].Ref != refs[i] || (done[i].Position > 0) != want {
				t.Errorf("%s: got %+v, want archived %t", refs[i], done[i], want)
			}
		}
		wantState(t, c.get(t, place("prato", "old")), "archived clean 1 1")
		wantState(t, c.get(t, place("prato", "older")), "published clean 1 1")
		archivable("older")
		if again, err := c.Archive(t.Context(), refs[:1], me); err != nil || again[0].Archived {
			t.Errorf("archiving again: %+v, %v, want nothing done", again, err)
		}
		c.wantAudited(t, place("prato", "old"), "create", "publish", "archive: Nessuno ha più confermato che questa scheda è giusta.")
	})
}

func TestALanguageThatIsHeldBackIsPublishedLater(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		ref := place("prato", "p")
		doc := titles("Biblioteca", "Library", "Libri.", "Books.")
		r.put(t, ref, doc[:len(doc)-1]+`,"heldBack":["en"]}`, public)
		before := r.position(t)
		result, err := r.Patch(t.Context(), ref, []byte(`{"heldBack":null}`), public)
		if err != nil || result.Position != before+1 || result.State.Revision != 2 {
			t.Errorf("publishing the language: %+v, %v, want a change and a revision", result, err)
		}
	})
}
