package catalogue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestTranslationsAreOutdatedFromWhenTheirItalianMovedOn(t *testing.T) {
	place := func(texts ...lang.Text) catalogue.Document {
		return &catalogue.Place{Head: catalogue.Head{Title: lang.Of("Palazzo"), AlternativeTitles: texts}}
	}
	pair := func(italian, english string) lang.Text {
		return lang.Text{lang.Italian: italian, lang.English: english}
	}
	for name, test := range map[string]struct {
		versions []catalogue.Document
		want     []string // the places of outdated translations in the last
	}{
		"both stay":                      {[]catalogue.Document{place(pair("a", "A")), place(pair("a", "A"))}, nil},
		"the Italian changes":            {[]catalogue.Document{place(pair("a", "A")), place(pair("b", "A"))}, []string{"/alternativeTitles/0/en"}},
		"both change":                    {[]catalogue.Document{place(pair("a", "A")), place(pair("b", "B"))}, nil},
		"the translation follows later":  {[]catalogue.Document{place(pair("a", "A")), place(pair("b", "A")), place(pair("b", "B"))}, nil},
		"the Italian changes twice":      {[]catalogue.Document{place(pair("a", "A")), place(pair("b", "A")), place(pair("c", "A"))}, []string{"/alternativeTitles/0/en"}},
		"the Italian comes back":         {[]catalogue.Document{place(pair("a", "A")), place(pair("b", "A")), place(pair("a", "A"))}, nil},
		"the Italian comes back at last": {[]catalogue.Document{place(pair("a", "A")), place(pair("b", "A")), place(pair("c", "A")), place(pair("a", "A"))}, nil},
		"outdated, and moved in its list": {
			[]catalogue.Document{place(pair("a", "A")), place(pair("b", "A")), place(pair("new", "New"), pair("b", "A"))}, []string{"/alternativeTitles/1/en"},
		},
		"moved in its list alone":   {[]catalogue.Document{place(pair("a", "A"), pair("b", "B")), place(pair("b", "B"), pair("a", "A"))}, nil},
		"removed":                   {[]catalogue.Document{place(pair("a", "A")), place(lang.Of("b"))}, nil},
		"a translation comes":       {[]catalogue.Document{place(lang.Of("a")), place(pair("a", "A"))}, nil},
		"outdated, and stays as is": {[]catalogue.Document{place(pair("a", "A")), place(pair("b", "A")), place(pair("b", "A"))}, []string{"/alternativeTitles/0/en"}},
	} {
		var outdated catalogue.Outdated
		for i, doc := range test.versions[1:] {
			outdated = outdated.Next(test.versions[i], doc)
			stored, err := catalogue.ParseOutdated(outdated.String())
			if err != nil {
				t.Fatal(err)
			}
			outdated = stored
		}
		var findings catalogue.Findings
		outdated.Advise(test.versions[len(test.versions)-1], &findings)
		var got []string
		for _, f := range findings {
			if f.Rule != "outdated" || f.Severity != catalogue.SeverityAdvice {
				t.Errorf("%s: got the %s %s, want the advice outdated", name, f.Severity, f.Rule)
			}
			got = append(got, string(f.Pointer))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: outdated mismatch (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatIsOutdatedIsReadBackAsItWasStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := cataloguetest.Generate(t, catalogue.KindPlace), cataloguetest.Generate(t, catalogue.KindPlace)
		for tag, s := range before.Common().Title { // the same, but for its Italian
			if tag != lang.Italian {
				after.Common().Title[tag] = s
			}
		}
		want := catalogue.Outdated(nil).Next(before, after)
		got, err := catalogue.ParseOutdated(want.String())
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() || len(got) != len(want) {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
	for _, stored := range []string{"{", "7", `[{"lang":7}]`} {
		if got, err := catalogue.ParseOutdated(stored); err == nil {
			t.Errorf("%s: got %v, want an error", stored, got)
		}
	}
}

func TestAWayMarksTheOutdatedTranslationsOfItsSharedChannel(t *testing.T) {
	entries := cataloguetest.NewEntries()
	was, is := cataloguetest.Channel(), cataloguetest.Channel()
	is.Title = lang.Text{lang.Italian: "Sportello telematico", lang.English: is.Title[lang.English]}
	channel := cataloguetest.NewEntryAmong(entries, cataloguetest.ChannelRef, is, 50)
	channel.Outdated = catalogue.Outdated{}.Next(was, is)
	entries[cataloguetest.ChannelRef] = channel
	view := parsed(t, words(lang.English, entries).View(entries[cataloguetest.ServiceRef]).Object)
	if diff := cmp.Diff([]any{"/connections/1/channel/title", "/connections/1/title"}, view["outdated"]); diff != "" {
		t.Errorf("outdated (-want +got):\n%s", diff)
	}
}
