package publishing_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

func TestADraftMayNameOwnEntriesAndOthersPublishedOnes(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, office("prato", "bozza"), titled("Bozza"), draft)
		r.put(t, office("prato", "pubblico"), titled("Pubblico"), public)
		r.put(t, office("gida", "pubblico"), titled("Depuratore"), public)
		result := r.put(t, service("prato", "cie"),
			titled("Carta", `"offices":["prato/bozza","prato/pubblico","gida/pubblico"]`), draft)
		if diff := cmp.Diff([]string{"/offices/0 published"}, withRule(result.State.Findings, "published")); diff != "" {
			t.Errorf("warnings mismatch (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(result.State, r.get(t, service("prato", "cie"))); diff != "" {
			t.Errorf("Get mismatch (-Put +Get):\n%s", diff)
		}
	})
}

func withRule(all catalogue.Findings, rule string) []string {
	var list []string
	for _, f := range all {
		if f.Rule == rule {
			list = append(list, string(f.Pointer)+" "+f.Rule)
		}
	}
	return list
}

func TestADocumentMayHaveAThousandReferencesAndNoMore(t *testing.T) {
	connections := func(n int, name func(i int) string) string { // n offices in lists of a hundred
		var list []string
		for i := 0; i < n; i += 100 {
			var offices []string
			for j := i; j < min(n, i+100); j++ {
				offices = append(offices, strconv.Quote(name(j)))
			}
			list = append(list, `{"inline":{"type":"01","offices":[`+strings.Join(offices, ",")+`]}}`)
		}
		return titled("Carta", `"connections":[`+strings.Join(list, ",")+`]`)
	}
	offices := func(n int, name func(i int) string) string {
		var list []string
		for i := range n {
			list = append(list, strconv.Quote(name(i)))
		}
		return titled("Carta", `"offices":[`+strings.Join(list, ",")+`]`)
	}
	ofPrato := func(i int) string { return fmt.Sprint("prato/", i) }
	ofMany := func(i int) string { return fmt.Sprint(i, "/a") }
	run(t, func(t *testing.T, r room) {
		for i := range 450 { // more than one query asks for
			r.put(t, office("prato", strconv.Itoa(i)), titled("Ufficio"), draft)
		}
		cie := service("prato", "cie")
		put := func(document string) []string {
			t.Helper()
			began := time.Now()
			_, err := r.Put(t.Context(), cie, []byte(document), draft)
			if err != nil && !errors.Is(err, catalogue.ErrInvalid) {
				t.Fatal(err)
			}
			if _, _, err := r.Validate(t.Context(), catalogue.Ref{Kind: cie.Kind}, catalogue.LevelDraft, []byte(document)); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("a document of %d bytes took %v", len(document), took)
			}
			return findingsOf(err)
		}
		if got := put(connections(1000, func(i int) string { return ofPrato(i % 450) })); len(got) > 0 {
			t.Errorf("a thousand references: %v, want none missing", got)
		}
		for name, of := range map[string]func(int) string{"one publisher": func(i int) string { return ofPrato(i + 450) }, "many": ofMany} {
			// As many findings as are told.
			if got := put(connections(1000, of)); len(got) < 900 || got[0] != "/connections/0/inline/offices/0 exists" {
				t.Errorf("a thousand references to offices of %s that are not there: %d errors", name, len(got))
			}
			if diff := cmp.Diff([]string{" too_many"}, put(connections(1001, of))); diff != "" {
				t.Errorf("1001 references to offices of %s mismatch (-want +got):\n%s", name, diff)
			}
			if diff := cmp.Diff([]string{"/offices too_many"}, put(offices(90_000, of))); diff != "" {
				t.Errorf("90000 references to offices of %s mismatch (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestSomebodyElsesDraftReadsAsNotThere(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, office("gida", "ufficio"), titled("Bozza"), draft)
		r.put(t, office("gida", "ritirato"), titled("Ritirato"), public)
		r.move(t, office("gida", "ritirato"), withdraw)
		r.put(t, office("gida", "archiviato"), titled("Archiviato"), draft)
		r.move(t, office("gida", "archiviato"), publishing.Move{Transition: catalogue.Archive})
		finding := func(to string, w publishing.Write) catalogue.Findings {
			t.Helper()
			_, err := r.Put(t.Context(), service("prato", "cie"), []byte(serviceTitled("Carta", `"offices":["`+to+`"]`)), w)
			var invalid *catalogue.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("reference to %s: %v, want invalid", to, err)
			}
			var about catalogue.Findings
			for _, f := range invalid.Findings {
				if strings.HasPrefix(string(f.Pointer), "/offices") {
					f.Args[0] = ""
					about = append(about, f)
				}
			}
			return about
		}
		for _, w := range []publishing.Write{draft, public} {
			missing := finding("gida/nessuno", w)
			for _, to := range []string{"gida/ufficio", "gida/ritirato", "gida/archiviato", "nessuno/nessuno"} {
				if diff := cmp.Diff(missing, finding(to, w)); diff != "" {
					t.Errorf("finding of %s mismatch (-missing +got):\n%s", to, diff)
				}
			}
		}
	})
}

func TestPublicationNeedsPublishedReferences(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cie := service("prato", "cie")
		document := serviceTitled("Carta", `"offices":["prato/pubblico","prato/bozza"]`, `"responsibleOffice":"prato/bozza"`,
			`"connections":[{"inline":{"type":"01","places":["prato/piazza"],"offices":["prato/pubblico"]}}]`)
		r.put(t, office("prato", "pubblico"), titled("Pubblico"), public)
		r.put(t, office("prato", "bozza"), titled("Bozza"), draft)
		r.put(t, place("prato", "piazza"), titled("Piazza"), draft)
		r.put(t, cie, document, draft)
		want := []string{"/connections/0/inline/places/0 published", "/offices/1 published", "/responsibleOffice published"}
		r.refusedAt(t, func() (publishing.Result, error) { return r.Put(t.Context(), cie, []byte(document), public) }, want...)
		publish := func() (publishing.Result, error) {
			return r.Transition(t.Context(), cie, publishing.Move{Transition: catalogue.Publish}, draft)
		}
		r.refusedAt(t, publish, want...)
		r.put(t, office("prato", "bozza"), titled("Bozza"), public)
		r.refusedAt(t, publish, want[0])
		r.put(t, place("prato", "piazza"), titled("Piazza"), public)
		if _, err := publish(); err != nil {
			t.Errorf("all references are public: %v", err)
		}
		// An edited draft of a target does not matter, its withdrawal does.
		r.put(t, place("prato", "piazza"), titled("Piazza del Comune"), draft)
		r.put(t, cie, strings.Replace(document, "Carta", "Carta nuova", 1), public)
		result := r.move(t, place("prato", "piazza"), withdraw)
		if diff := cmp.Diff([]catalogue.Ref{cie}, result.Referrers); diff != "" {
			t.Errorf("referrers mismatch (-want +got):\n%s", diff)
		}
		r.refusedAt(t, func() (publishing.Result, error) {
			return r.Put(t.Context(), cie, []byte(strings.Replace(document, "Carta", "Carta ancora", 1)), public)
		}, want[0])
	})
}

func TestAnEntryMayNameItself(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		cie, passport := service("prato", "cie"), service("prato", "passaporto")
		document := serviceTitled("Carta", `"relatedServices":["prato/cie"]`)
		result := r.put(t, cie, document, public)
		wantState(t, result.State, "published clean 1 1")
		if again := r.put(t, cie, document, public); again.Changed {
			t.Error("PUT again changed it")
		}
		r.put(t, passport, titled("Passaporto", `"relatedServices":["prato/passaporto"]`), draft)
		if _, err := r.Delete(t.Context(), passport, draft); err != nil {
			t.Errorf("Delete: %v", err)
		}
		if result := r.move(t, cie, withdraw); len(result.Referrers) != 0 {
			t.Errorf("referrers = %v, want none: it is gone itself", result.Referrers)
		}
		// Somebody else's of the same kind and key is another one.
		r.refusedAt(t, func() (publishing.Result, error) {
			return r.Put(t.Context(), service("gida", "cie"), []byte(document), draft)
		}, "/relatedServices/0 exists")
	})
}

func TestReferrersThatArePrivateToOthersAreNotTold(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		anagrafe := office("prato", "anagrafe")
		r.put(t, anagrafe, titled("Anagrafe"), public)
		names := `"offices":["prato/anagrafe"]`
		r.put(t, service("gida", "segreto"), serviceTitled("Segreto", names), draft)
		r.put(t, service("gida", "noto"), serviceTitled("Noto", names), public)
		r.put(t, service("gida", "noto"), serviceTitled("Noto e cambiato", names), draft)
		r.put(t, service("gida", "cambiato"), serviceTitled("Cambiato"), public)
		r.put(t, service("gida", "cambiato"), serviceTitled("Cambiato", names), draft)
		r.put(t, service("prato", "bozza"), titled("Bozza", names), draft)
		r.put(t, office("prato", "figlio"), titled("Figlio", `"parent":"prato/anagrafe"`), public)
		want := []catalogue.Ref{service("gida", "noto"), office("prato", "figlio"), service("prato", "bozza")}
		if diff := cmp.Diff(want, r.move(t, anagrafe, withdraw).Referrers); diff != "" {
			t.Errorf("referrers mismatch (-want +got):\n%s", diff)
		}
		result, err := r.Delete(t.Context(), anagrafe, draft)
		if diff := cmp.Diff(want, result.Referrers); diff != "" || err != nil {
			t.Errorf("referrers mismatch (-want +got): %v\n%s", err, diff)
		}
	})
}

func TestExtensionsFollowTheDraft(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		for _, key := range []string{"a", "b", "c"} {
			r.put(t, place("prato", key), titled("Luogo "+key), public)
			r.put(t, office("prato", key), titled("Ufficio "+key), public)
			r.put(t, timetable("prato", key), titled("Orari "+key, `"alwaysOpen":true`), public)
			r.put(t, named(catalogue.KindHolidaySet, key), titled("Feste "+key, `"days":[{"day":"09-08","name":{"it":"Fiera"}}]`), public)
			r.put(t, named(catalogue.KindChannel, key), titled("Canale "+key, `"type":"02"`), public)
			r.put(t, named(catalogue.KindProcedure, key), titled("Procedimento "+key, `"summary":{"it":"Come si fa."}`), public)
		}
		profile := catalogue.Ref{Kind: catalogue.KindPublisher, Publisher: "prato", Key: "prato"}
		// Each list is one entry's documents, one after the other; run's last check compares, as does each round here.
		documents := map[catalogue.Ref][]string{
			service("prato", "s"): {
				titled("S"),
				titled("S", `"status":"active"`, `"responsibleOffice":"prato/a"`, `"offices":["prato/a","prato/b"]`),
				titled("S", `"status":"inactive"`, `"responsibleOffice":"prato/b"`, `"offices":["prato/b","prato/c"]`, `"connections":[{"inline":{"type":"02"}}]`),
				titled("S", `"offices":["prato/c"]`),
				titled("S", `"connections":[{"channel":"prato/a"},{"channel":"prato/b"},{"channel":"prato/a"}]`, `"procedures":["prato/a"]`),
				titled("S", `"connections":[{"channel":"prato/c"}]`, `"procedures":["prato/b","prato/c"]`),
				titled("S"),
			},
			office("prato", "o"): {
				titled("O", `"parent":"prato/a"`, `"places":["prato/a","prato/b"]`),
				titled("O", `"parent":"prato/b"`, `"places":["prato/b","prato/c"]`),
				titled("O", `"places":["prato/a"]`),
				titled("O", `"parent":"prato/c"`),
			},
			timetable("prato", "t"): {
				titled("T", `"ownHolidaySets":["prato/a","prato/b"],"holidayPolicy":"closed"`), titled("T", `"ownHolidaySets":["prato/c"],"holidayPolicy":"closed"`), titled("T"),
			},
			named(catalogue.KindChannel, "c2"): {
				titled("C", `"type":"02"`, `"timetable":"prato/a"`), titled("C", `"type":"01.1.1"`, `"timetable":"prato/b"`), titled("C", `"type":"03"`),
			},
			named(catalogue.KindProcedure, "p"): {
				titled("P", `"responsibleOffice":"prato/a"`), titled("P", `"responsibleOffice":"prato/b"`), titled("P"),
			},
			named(catalogue.KindHolidaySet, "h"): {titled("H"), titled("H", `"days":[{"day":"easter","name":{"it":"Pasqua"}}]`)},
			place("prato", "p"): {
				titled("P", `"address":{"city":"Prato"}`, `"district":"Centro"`, `"point":{"lat":43.88,"lon":11.0966}`),
				titled("P", `"point":{"lat":0,"lon":0}`),
				titled("P", `"district":"Nord"`),
				titled("P", `"point":{"lat":-90,"lon":180}`, `"address":{"city":"Vaiano"}`),
			},
			profile: {
				titled("Comune", `"type":"municipality"`, `"ipaCode":"c_g999"`, `"taxCode":"84006890481"`),
				titled("Comune", `"type":"municipality"`, `"ipaCode":"c_g998"`),
				titled("Comune"),
			},
		}
		for ref, list := range documents {
			for _, document := range list {
				r.put(t, ref, document, draft)
				checkConsistent(t, r)
			}
		}
	})
}
